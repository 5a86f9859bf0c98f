import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import { formatSize } from '../../src/base/sizes.js';
import type { InspectedFile } from '../jobs/inspect-job.js';
import { type JobOutcome, pickRefusal } from '../jobs/job-answer.js';
import { FactsTree } from './facts-tree.js';
import { FailureNotice } from './failure-notice.js';
import type { OpenedFile } from './opened-file.js';
import { type NamedReport, TakeAlong } from './take-along.js';

interface FileSectionProps {
  readonly file: OpenedFile;
  readonly onRemove: () => void;
}

/** What a file is, and all facts about it. */
export function FileSection({ file, onRemove }: FileSectionProps): JSX.Element {
  const { chosen, outcome, id } = file;
  return (
    <section class="file" aria-labelledby={`file-${id}`} aria-busy={outcome === undefined}>
      <header>
        <h2 id={`file-${id}`}>{escapeField(chosen.name)}</h2>
        <button type="button" aria-label={`Remove ${escapeField(chosen.name)}`} onClick={onRemove}>
          Remove
        </button>
      </header>
      <FileContents file={file} />
    </section>
  );
}

function FileContents({ file: { chosen, outcome } }: { readonly file: OpenedFile }): JSX.Element {
  if (outcome === undefined) return <p class="quiet">{formatSize(chosen.size)}, being read …</p>;
  return (
    <>
      {'result' in outcome ? (
        <FileFacts size={chosen.size} inspected={outcome.result} />
      ) : (
        <FailureNotice failure={outcome} />
      )}
      <TakeAlong command={['inspect', chosen.name]} report={buildInspectReport(chosen.name, outcome)} />
    </>
  );
}

function FileFacts({ size, inspected }: { readonly size: number; readonly inspected: InspectedFile }) {
  const { title, kind, facts } = inspected;
  return (
    <>
      <p class="title">
        {escapeField(title)}{' '}
        <small>{title === kind ? formatSize(size) : `${kind}, ${formatSize(size)}`}</small>
      </p>
      <FactsTree facts={facts} onSelect={undefined} />
    </>
  );
}

function buildInspectReport(file: string, outcome: JobOutcome<InspectedFile>): NamedReport | undefined {
  if ('result' in outcome) return { name: 'inspect', fields: outcome.result.report };
  if ('fault' in outcome) return undefined;
  return { name: 'inspect', fields: { file, refusal: pickRefusal(outcome.refusal) } };
}
