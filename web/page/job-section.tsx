import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { JobArguments, JobName, JobResult } from '../jobs/jobs.js';
import { FailureNotice } from './failure-notice.js';
import { JobStatus } from './job-status.js';
import { type NamedReport, type OfferedFile, TakeAlong } from './take-along.js';
import { useJob } from './use-job.js';

interface JobSectionProps<Name extends JobName> {
  readonly title: string;
  readonly job: Name;
  readonly args: JobArguments<Name>;
  /** The words of the commands that do the same, each after `kexec-file`. */
  readonly commands: readonly (readonly string[])[];
  /** Undefined if the command prints no JSON. */
  readonly report?: (result: JobResult<Name>) => NamedReport;
  /** What the command writes into files. */
  readonly files?: (result: JobResult<Name>) => readonly OfferedFile[];
  /** The end of an address that holds what the user chose. */
  readonly link?: string;
  /** What the user chooses, above the result. */
  readonly options?: ComponentChildren;
  readonly children: (result: JobResult<Name>) => ComponentChildren;
}

/** A part of the page that shows the result of a job, the command that does the same, and its JSON. */
export function JobSection<Name extends JobName>(props: JobSectionProps<Name>): JSX.Element {
  const { title, job, args, commands, report, files, link, options, children } = props;
  const { outcome, progress, cancel, repeat } = useJob(job, args);
  const heading = useId();
  const result = outcome !== undefined && 'result' in outcome ? outcome.result : undefined;
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
        commands={commands}
        report={result && report?.(result)}
        files={result && files ? files(result) : []}
        link={link}
      />
    </section>
  );
}
