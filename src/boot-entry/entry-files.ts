import { refuse } from '../base/error.js';

/**
 * The files of a machine, by their absolute paths. What does not exist is no error; a file that exists and cannot be
 * read is one.
 */
export interface EntryFiles {
  /** The text of a file of at most {@link MAX_ENTRY_BYTES}; undefined if it does not exist. */
  readonly readText: (path: string) => string | undefined;
  /** The bytes of a file of any size; undefined if it does not exist. */
  readonly readBytes: (path: string) => Uint8Array | undefined;
  /** The names in a folder, sorted; none if it does not exist. */
  readonly listFolder: (path: string) => readonly string[];
  /** Whether the path leads to a file. */
  readonly isFile: (path: string) => boolean;
  /** Where a symbolic link leads in the end; the path itself if it is none. */
  readonly followLink: (path: string) => string;
  /** The names by which the Boot Loader Specification knows this machine's architecture: `aa64`, `x64`. */
  readonly architecture: string | undefined;
}

/** Longer configuration files are refused. A grub.cfg for hundreds of kernels has some 100 KiB. */
export const MAX_ENTRY_BYTES = 1 << 21;

/** More entries are no list for people; each takes memory. */
export const MAX_ENTRIES = 4096;

/** Refuses a list with too many entries. */
export function checkEntryCount(count: number, source: string): void {
  if (count > MAX_ENTRIES)
    refuse('boot-entry-form', 'EFBIG', `${source} has more than ${MAX_ENTRIES} entries`);
}

/** The names of a folder's files that end in a suffix, whatever its case. @throws KexecError if there are too many */
export function listBySuffix(files: EntryFiles, folder: string, suffix: string): string[] {
  const names = files.listFolder(folder).filter((name) => name.toLowerCase().endsWith(suffix));
  checkEntryCount(names.length, folder);
  return names;
}
