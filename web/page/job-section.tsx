import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { JobArguments, JobName, JobResult } from '../jobs/jobs.js';
import { FailureNotice } from './failure-notice.js';
import { JobStatus } from './job-status.js';
import { type NamedReport, TakeAlong } from './take-along.js';
import { useJob } from './use-job.js';

interface JobSectionProps<Name extends JobName> {
  readonly title: string;
  readonly job: Name;
  readonly args: JobArguments<Name>;
  /** The words of the command that does the same, after `kexec-file`. */
  readonly command: readonly string[];
  readonly report: (result: JobResult<Name>) => NamedReport;
  /** What the user chooses, above the result. */
  readonly options?: ComponentChildren;
  readonly children: (result: JobResult<Name>) => ComponentChildren;
}

/** A part of the page that shows the result of a job, the command that does the same, and its JSON. */
export function JobSection<Name extends JobName>(props: JobSectionProps<Name>): JSX.Element {
  const { title, job, args, command, report, options, children } = props;
  const { outcome, progress, cancel, repeat } = useJob(job, args);
  const heading = useId();
  return (
    <section class="view" aria-labelledby={heading} aria-busy={outcome === undefined}>
      <header>
        <h2 id={heading}>{escapeField(title)}</h2>
      </header>
      {options}
      {outcome === undefined && <JobStatus title={title} progress={progress} onCancel={cancel} />}
      {outcome !== undefined &&
        ('result' in outcome ? (
          children(outcome.result)
        ) : (
          <FailureNotice title={title} failure={outcome} onRepeat={repeat} />
        ))}
      <TakeAlong
        command={command}
        report={outcome !== undefined && 'result' in outcome ? report(outcome.result) : undefined}
      />
    </section>
  );
}
