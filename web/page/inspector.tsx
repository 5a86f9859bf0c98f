import type { JSX } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { formatMapDefinitions } from '../../src/view/plan-page/plan-page.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { FileChooser } from './file-chooser.js';
import { sortByRole } from './file-roles.js';
import { FileSection } from './file-section.js';
import { JobSections } from './job-sections.js';
import { LinkContext, useAddressOptions } from './link-options.js';
import { Markup } from './markup.js';
import type { OpenedFile } from './opened-file.js';
import { WorkerContext } from './use-job.js';

const MAP_DEFINITIONS = formatMapDefinitions().markup;

/** The whole page. @param given - files that are opened at once */
export function Inspector({ given }: { readonly given: readonly ChosenFile[] }): JSX.Element {
  const worker = useContext(WorkerContext);
  const { files, open, settle, remove } = useFiles();
  const { address, options } = useAddressOptions();
  useEffect(() => open(given), [open, given]);
  const choose = useCallback(
    (chosen: readonly File[]) =>
      open(chosen.map((file) => ({ name: file.name, size: file.size, contents: file }))),
    [open],
  );
  const waiting = files.filter(({ outcome }) => outcome === undefined).length;
  return (
    <>
      <Markup markup={MAP_DEFINITIONS} />
      <header>
        <h1>kexec-file inspector</h1>
        <FileChooser onFiles={choose} />
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
          <JobSections key={address} files={sortByRole(files)} />
        </LinkContext.Provider>
        {files.map((file) => (
          <FileSection key={file.id} file={file} onInspect={settle} onRemove={remove} />
        ))}
      </main>
    </>
  );
}

function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

/** The files on the page, and what each is. */
function useFiles() {
  const [files, setFiles] = useState<readonly OpenedFile[]>([]);
  const lastId = useRef(0);
  const open = useCallback((chosen: readonly ChosenFile[]) => {
    const opened = chosen.map((file): OpenedFile => {
      lastId.current += 1;
      return { id: lastId.current, chosen: file, outcome: undefined };
    });
    setFiles((before) => [...before, ...opened]);
  }, []);
  const settle = useCallback(
    (id: number, outcome: OpenedFile['outcome']) =>
      setFiles((before) => before.map((file) => (file.id === id ? { ...file, outcome } : file))),
    [],
  );
  const remove = useCallback(
    (id: number) => setFiles((before) => before.filter((file) => file.id !== id)),
    [],
  );
  return { files, open, settle, remove };
}
