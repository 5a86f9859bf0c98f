import type { ChosenFile } from '../jobs/chosen-file.js';

/** The most files that the page takes at once: a fleet of machines. */
export const MAX_FILES = 20_000;

/**
 * Lists the files that were dropped on the page, those in folders included.
 *
 * @returns at most one file more than {@link MAX_FILES}, which shows that there are others; and the names of folders that the
 *   browser does not read
 */
export async function listDroppedFiles(
  data: DataTransfer,
): Promise<{ readonly files: readonly ChosenFile[]; readonly unread: readonly string[] }> {
  // After the event, the list of items is empty.
  const dropped = [...data.items].map(openItem);
  const files: ChosenFile[] = [];
  const unread: string[] = [];
  for (const item of dropped) {
    try {
      for await (const file of item.list()) {
        files.push(file);
        if (files.length > MAX_FILES) return { files, unread };
      }
    } catch {
      unread.push(item.name);
    }
  }
  return { files, unread };
}

/** What was dropped: a file, or a folder of them. */
interface DroppedItem {
  readonly name: string;
  list(): AsyncGenerator<ChosenFile>;
}

function openItem(item: DataTransferItem): DroppedItem {
  const file = item.getAsFile();
  const entry = item.webkitGetAsEntry();
  const name = entry?.name ?? file?.name ?? '';
  if (entry?.isDirectory !== true) return { name, list: () => listFile(file) };
  // Chromium does not read entries for a page that is a file itself, and Firefox has no handles.
  const handle = 'getAsFileSystemHandle' in item ? getHandle(item) : undefined;
  return {
    name,
    list: () =>
      handle === undefined ? listEntries(entry as FileSystemDirectoryEntry, name) : listHandles(handle, name),
  };
}

/** TypeScript's types lack it, because not all browsers have it. */
function getHandle(item: DataTransferItem): Promise<FileSystemDirectoryHandle> {
  const { getAsFileSystemHandle } = item as unknown as {
    getAsFileSystemHandle(): Promise<FileSystemDirectoryHandle>;
  };
  return getAsFileSystemHandle.call(item);
}

/** The longest time for which files are taken without a break, in milliseconds: the page has to answer. */
const MAX_TAKING = 30;

/** Takes files that were chosen. A browser asks the disk for the size of each, which takes seconds for a fleet. */
export async function takeFiles(files: readonly File[]): Promise<ChosenFile[]> {
  const taken: ChosenFile[] = [];
  let start = performance.now();
  for (const file of files) {
    taken.push(chooseFile(file, file.webkitRelativePath || file.name));
    if (performance.now() - start < MAX_TAKING) continue;
    await new Promise((resolve) => setTimeout(resolve));
    start = performance.now();
  }
  return taken;
}

/** Takes a file as jobs read it. @param path - with its folders */
function chooseFile(file: File, path: string): ChosenFile {
  return { name: file.name, path, size: file.size, contents: file };
}

async function* listFile(file: File | null): AsyncGenerator<ChosenFile> {
  if (file !== null) yield chooseFile(file, file.name);
}

async function* listHandles(
  folder: Promise<FileSystemDirectoryHandle>,
  path: string,
): AsyncGenerator<ChosenFile> {
  const handles: FileSystemHandle[] = [];
  for await (const handle of (await folder).values()) {
    handles.push(handle);
    if (handles.length > MAX_FILES) break;
  }
  handles.sort(compareNames);
  for (let at = 0; at < handles.length; at += GETTING) {
    const files = handles.slice(at, at + GETTING).map((handle) => [handle, getFile(handle)] as const);
    for (const [handle, file] of files) {
      const below = `${path}/${handle.name}`;
      if (file !== undefined) yield chooseFile(await file, below);
      else yield* listHandles(Promise.resolve(handle as FileSystemDirectoryHandle), below);
    }
  }
}

/** Files that are asked for at once: a browser takes longer to answer than to look. */
const GETTING = 64;

/** The file of a handle; undefined for a folder. */
function getFile(handle: FileSystemHandle): Promise<File> | undefined {
  if (handle.kind !== 'file') return undefined;
  const file = (handle as FileSystemFileHandle).getFile();
  // The caller gets the error when it waits for this file. Until then, it must not count as one that nobody handles.
  file.catch(() => undefined);
  return file;
}

async function* listEntries(folder: FileSystemDirectoryEntry, path: string): AsyncGenerator<ChosenFile> {
  const reader = folder.createReader();
  const readBatch = (): Promise<FileSystemEntry[]> =>
    new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  const entries: FileSystemEntry[] = [];
  for (let batch = await readBatch(); batch.length > 0; batch = await readBatch()) {
    entries.push(...batch);
    if (entries.length > MAX_FILES) break;
  }
  for (const entry of entries.sort(compareNames)) {
    const below = `${path}/${entry.name}`;
    if (entry.isDirectory) yield* listEntries(entry as FileSystemDirectoryEntry, below);
    else
      yield chooseFile(
        await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
        below,
      );
  }
}

/** The order in which `preflight` takes a folder; a browser's is any. */
function compareNames(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
