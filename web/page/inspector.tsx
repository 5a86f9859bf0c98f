import type { JSX } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatCount } from '../../src/preflight/wording.js';
import { formatMapDefinitions } from '../../src/view/plan-page/plan-page.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { type ChosenItem, isFleetMember } from '../jobs/chosen-folder.js';
import type { JobFailure } from '../jobs/job-answer.js';
import { groupCollected } from './collected-folders.js';
import { FileChooser } from './file-chooser.js';
import { type FilesByRole, sortByRole } from './file-roles.js';
import { FileSection } from './file-section.js';
import { JobSections } from './job-sections.js';
import { LinkContext, useAddressOptions } from './link-options.js';
import { Markup } from './markup.js';
import type { OpenedFile } from './opened-file.js';
import { WorkerContext } from './use-job.js';

const MAP_DEFINITIONS = formatMapDefinitions().markup;

/** Files that have a section at once. The user asks for others; what they are for each other is found out before. */
const SECTIONS_AT_ONCE = 50;

/** Files that the worker identifies before it does other jobs. */
const BATCH = 256;

/** The whole page. @param given - files that are opened at once */
export function Inspector({ given }: { readonly given: readonly ChosenFile[] }): JSX.Element {
  const worker = useContext(WorkerContext);
  const { files, open, settle, settleAll, remove } = useFiles();
  const { address, options } = useAddressOptions();
  useEffect(() => open(given), [open, given]);
  const [sections, setSections] = useState(SECTIONS_AT_ONCE);
  const roles = useRef<FilesByRole | undefined>(undefined);
  roles.current = sortByRole(files, roles.current);
  const left = files.length - sections;
  useIdentified(
    useMemo(() => files.slice(sections), [files, sections]),
    settleAll,
  );
  const waiting = files.filter(({ outcome }) => outcome === undefined).length;
  return (
    <>
      <Markup markup={MAP_DEFINITIONS} />
      <header>
        <h1>kexec-file inspector</h1>
        <FileChooser onFiles={open} />
        <div class="options">
          <span class="quiet" role="status">
            {files.length === 0
              ? ''
              : `${countFiles(files.length)}${waiting === 0 ? '' : `, ${waiting} being read`}`}
          </span>
          {waiting > 1 && (
            <button type="button" onClick={() => worker.cancelAll()}>
              Cancel all
            </button>
          )}
        </div>
      </header>
      <main>
        <LinkContext.Provider value={options}>
          <JobSections key={address} files={roles.current} />
        </LinkContext.Provider>
        {files.slice(0, sections).map(({ id, chosen }) => (
          <FileSection key={id} id={id} chosen={chosen} onInspect={settle} onRemove={remove} />
        ))}
        {left > 0 && (
          <button type="button" onClick={() => setSections(sections + SECTIONS_AT_ONCE)}>
            Show more files ({formatCount(left)} left)
          </button>
        )}
      </main>
    </>
  );
}

function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${formatCount(count)} files`;
}

/** What settles for some files, by their ids. */
type Outcomes = ReadonlyMap<number, OpenedFile['outcome']>;

/** The files on the page, and what each is. */
function useFiles() {
  const [files, setFiles] = useState<readonly OpenedFile[]>([]);
  const lastId = useRef(0);
  const open = useCallback((chosen: readonly ChosenFile[]) => {
    const items = groupCollected(chosen);
    const firstId = lastId.current + 1;
    lastId.current += items.length;
    setFiles((before) => {
      const isFleet = before.length + items.length > SECTIONS_AT_ONCE;
      const opened = items.map((item, index) => openItem(firstId + index, item, isFleet));
      return [...before, ...opened];
    });
  }, []);
  const settleAll = useCallback((outcomes: Outcomes) => {
    setFiles((before) => {
      const isNew = ({ id, outcome, isFleetMember }: OpenedFile) =>
        !isFleetMember && outcomes.has(id) && outcomes.get(id) !== outcome;
      if (!before.some(isNew)) return before;
      return before.map((file) => (isNew(file) ? { ...file, outcome: outcomes.get(file.id) } : file));
    });
  }, []);
  const settle = useCallback(
    (id: number, outcome: OpenedFile['outcome']) => settleAll(new Map([[id, outcome]])),
    [settleAll],
  );
  const remove = useCallback(
    (id: number) => setFiles((before) => before.filter((file) => file.id !== id)),
    [],
  );
  return { files, open, settle, settleAll, remove };
}

/** @param isFleet - whether it comes with so many others that those in folders are taken as `preflight` takes them */
function openItem(id: number, chosen: ChosenItem, isFleet: boolean): OpenedFile {
  const isMember = isFleet && isFleetMember(chosen);
  return {
    id,
    chosen,
    outcome: isMember ? { result: { role: 'machine' } } : undefined,
    isFleetMember: isMember,
  };
}

/** Finds out what files are for others that have no section yet, batch by batch. */
function useIdentified(files: readonly OpenedFile[], settleAll: (outcomes: Outcomes) => void): void {
  const worker = useContext(WorkerContext);
  const isBusy = useRef(false);
  useEffect(() => {
    const waiting = files.filter(({ outcome }) => outcome === undefined);
    if (waiting.length === 0 || isBusy.current) return;
    isBusy.current = true;
    const batch = waiting.slice(0, BATCH);
    worker.run('identify', [batch.map(({ chosen }) => chosen)]).then((outcome) => {
      isBusy.current = false;
      const found = 'result' in outcome ? outcome.result : undefined;
      const settled = found === undefined ? waiting : batch;
      settleAll(
        new Map(
          settled.map(({ id }, index) => [id, found === undefined ? (outcome as JobFailure) : found[index]]),
        ),
      );
    });
  }, [files, settleAll, worker]);
}
