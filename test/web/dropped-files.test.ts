import { expect, it } from 'vitest';
import { listDroppedFiles, MAX_FILES } from '../../web/page/dropped-files.js';

/** A folder that never ends, as a browser gives it. */
function buildEndlessFolder(name: string): DataTransferItem {
  const batch = [{ isDirectory: false, file: (resolve: (file: File) => void) => resolve(new File([], 'f')) }];
  const createReader = () => ({ readEntries: (resolve: (entries: unknown[]) => void) => resolve(batch) });
  return {
    getAsFile: () => null,
    webkitGetAsEntry: () => ({ isDirectory: true, name, createReader }),
  } as unknown as DataTransferItem;
}

it('a dropped folder that never ends is left after one file too many', async () => {
  const items = [buildEndlessFolder('first'), buildEndlessFolder('second')];
  const { files, unread } = await listDroppedFiles({ items } as unknown as DataTransfer);
  expect(files).toHaveLength(MAX_FILES + 1);
  expect(unread).toEqual([]);
});
