import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import type { JobFailure } from '../jobs/job-answer.js';

interface FailureProps {
  /** What the job was about: "Plan: vmlinuz". */
  readonly title: string;
  readonly failure: JobFailure;
  readonly onRepeat: () => void;
}

/** Why there is nothing else to show: what was seen, the rule, and what to do. */
export function FailureNotice({ title, failure, onRepeat }: FailureProps): JSX.Element {
  if ('isCancelled' in failure)
    return (
      <div class="options">
        <span role="status">Cancelled.</span>
        <button type="button" aria-label={`Start again: ${escapeField(title)}`} onClick={onRepeat}>
          Start again
        </button>
      </div>
    );
  if ('fault' in failure)
    return (
      <p class="outcome refused" role="alert">
        The inspector failed: {escapeField(failure.fault)}
      </p>
    );
  const { errno, check, detail, rule, cure } = failure.refusal;
  return (
    <div class="outcome refused" role="alert">
      <p>
        <strong>
          {errno} ({check})
        </strong>
        : {escapeField(detail)}
      </p>
      <p>Rule: {escapeField(rule)}</p>
      <p>Cure: {escapeField(cure)}</p>
    </div>
  );
}
