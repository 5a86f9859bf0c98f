import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import type { JobProgress } from '../jobs/job-progress.js';

interface JobStatusProps {
  /** What the job is about: "Plan: vmlinuz". */
  readonly title: string;
  readonly progress: JobProgress | undefined;
  readonly onCancel: () => void;
}

/** How far a job is, with a button that cancels it. */
export function JobStatus({ title, progress, onCancel }: JobStatusProps): JSX.Element {
  const name = escapeField(title);
  return (
    <div class="options">
      <span class="quiet">{progress === undefined ? 'Working' : escapeField(progress.step)} …</span>
      {progress !== undefined && <progress aria-label={`Progress of ${name}`} value={progress.fraction} />}
      <button type="button" aria-label={`Cancel ${name}`} onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
