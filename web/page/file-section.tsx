import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import { formatSize } from '../../src/base/sizes.js';
import { type ChosenItem, isFolder } from '../jobs/chosen-folder.js';
import type { InspectedFile } from '../jobs/inspect-job.js';
import { type JobOutcome, pickRefusal } from '../jobs/job-answer.js';
import { FactsTree } from './facts-tree.js';
import { FailureNotice } from './failure-notice.js';
import type { FileRange } from './file-range.js';
import { HexView } from './hex-view.js';
import { JobStatus } from './job-status.js';
import { memo } from './memo.js';
import type { OpenedFile } from './opened-file.js';
import { type NamedReport, TakeAlong } from './take-along.js';
import { useJob } from './use-job.js';

interface FileSectionProps extends Pick<OpenedFile, 'id' | 'chosen'> {
  readonly onInspect: (id: number, outcome: OpenedFile['outcome']) => void;
  readonly onRemove: (id: number) => void;
}

/** Inspects a file, and shows what it is and all facts about it. */
export const FileSection = memo(function FileSection(props: FileSectionProps): JSX.Element {
  const { id, chosen, onInspect, onRemove } = props;
  const { outcome, progress, cancel, repeat } = useJob('inspect', [chosen]);
  // In the same turn, so that what depends on it begins at once.
  useLayoutEffect(() => onInspect(id, outcome), [onInspect, id, outcome]);
  return (
    <section class="file" aria-labelledby={`file-${id}`} aria-busy={outcome === undefined}>
      <header>
        <h2 id={`file-${id}`}>{escapeField(chosen.name)}</h2>
        <button type="button" aria-label={`Remove ${escapeField(chosen.name)}`} onClick={() => onRemove(id)}>
          Remove
        </button>
      </header>
      {outcome === undefined ? (
        <JobStatus title={chosen.name} progress={progress} onCancel={cancel} />
      ) : 'result' in outcome ? (
        <FileFacts file={chosen} inspected={outcome.result} />
      ) : (
        <FailureNotice title={chosen.name} failure={outcome} onRepeat={repeat} />
      )}
      {!isFolder(chosen) && (
        <TakeAlong
          commands={[['inspect', chosen.name]]}
          report={outcome && buildInspectReport(chosen.name, outcome)}
        />
      )}
    </section>
  );
});

function FileFacts({ file, inspected }: { readonly file: ChosenItem; readonly inspected: InspectedFile }) {
  const [selection, setSelection] = useState<FileRange>();
  const { title, kind, facts } = inspected;
  const { size } = file;
  return (
    <>
      <p class="title">
        {escapeField(title)}{' '}
        <small>{title === kind ? formatSize(size) : `${kind}, ${formatSize(size)}`}</small>
      </p>
      <FactsTree facts={facts} shown={isFolder(file) ? undefined : { size, select: setSelection }} />
      {isFolder(file) ? null : selection === undefined ? (
        <button type="button" onClick={() => setSelection({ name: 'file', start: 0, length: size })}>
          Show bytes
        </button>
      ) : (
        <HexView
          key={selection.start}
          file={file}
          selection={selection}
          onClose={() => setSelection(undefined)}
        />
      )}
    </>
  );
}

function buildInspectReport(file: string, outcome: JobOutcome<InspectedFile>): NamedReport | undefined {
  if ('result' in outcome) {
    const { report } = outcome.result;
    return report && { name: 'inspect', fields: report };
  }
  if (!('refusal' in outcome)) return undefined;
  return { name: 'inspect', fields: { file, refusal: pickRefusal(outcome.refusal) } };
}
