import type { JSX, TargetedEvent } from 'preact';
import { useCallback, useLayoutEffect, useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import { formatCount } from '../../src/preflight/wording.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { listDroppedFiles, MAX_FILES, takeFiles } from './dropped-files.js';

interface FileChooserProps {
  readonly onFiles: (files: readonly ChosenFile[]) => void;
}

/** The attribute of an input that takes a folder, which Preact's types lack. */
const TAKES_FOLDER = { webkitdirectory: true };

/** Where files are chosen. They can be dropped anywhere on the page. */
export function FileChooser({ onFiles }: FileChooserProps): JSX.Element {
  const [isCut, setCut] = useState(false);
  const offer = useCallback(
    (files: readonly ChosenFile[]) => {
      setCut(files.length > MAX_FILES);
      onFiles(files.slice(0, MAX_FILES));
    },
    [onFiles],
  );
  const { isOver, unread } = useDrop(offer);
  const take = ({ currentTarget }: TargetedEvent<HTMLInputElement>): void => {
    const { files } = currentTarget;
    void takeFiles([...(files ?? [])].slice(0, MAX_FILES + 1)).then(offer);
    // So that the same file can be chosen again after it was changed.
    currentTarget.value = '';
  };
  return (
    <div class={isOver ? 'chooser over' : 'chooser'}>
      <p>
        Drop files here: kernels, initrds, device trees, machine files, fleet files, certificates, logs,
        dumps. Nothing leaves this computer: the page has no network access.
      </p>
      <label>
        Choose files <input id="files" type="file" multiple onChange={take} />
      </label>
      <label>
        Choose a folder <input id="folder" type="file" {...TAKES_FOLDER} onChange={take} />
      </label>
      {isCut && (
        <p role="alert">The page takes {formatCount(MAX_FILES)} files at once; the others were left out.</p>
      )}
      {unread.length > 0 && (
        <p role="alert">
          This browser does not read the dropped folder {escapeField(unread.join(', '))}; choose it instead.
        </p>
      )}
    </div>
  );
}

/** Takes what is dropped on the page. @returns whether something is over it, and folders that cannot be read */
function useDrop(onFiles: FileChooserProps['onFiles']) {
  const [isOver, setOver] = useState(false);
  const [unread, setUnread] = useState<readonly string[]>([]);
  // Before the page is shown: it takes what is dropped from the first moment.
  useLayoutEffect(() => {
    const stop = new AbortController();
    const listen = (name: 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void): void =>
      document.addEventListener(name, act, { signal: stop.signal });
    listen('dragover', (event) => {
      event.preventDefault();
      setOver(true);
    });
    listen('dragleave', () => setOver(false));
    listen('drop', async (event) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer === null) return;
      const dropped = await listDroppedFiles(event.dataTransfer);
      setUnread(dropped.unread);
      onFiles(dropped.files);
    });
    return () => stop.abort();
  }, [onFiles]);
  return { isOver, unread };
}
