/** A fact that is collected on a machine, and how it is read. */
import type { Collected } from '../record.js';

/** A placeholder in paths for the running kernel's release (`uname -r`). */
export const RELEASE = '%r';

/** A file that may contain a fact. `before` is put before its bytes, so that all files of a fact have one format. */
export interface Place {
  readonly path: string;
  readonly before?: readonly number[];
}

/** How a fact is read. */
export type Reading =
  /** The first of these files that exists. */
  | { readonly kind: 'file'; readonly places: readonly [Place, ...Place[]] }
  /** One line for each folder whose name is the prefix and a number: the name, and the contents of these files in it. */
  | {
      readonly kind: 'folders';
      readonly path: string;
      readonly prefix: string;
      readonly files: readonly string[];
    }
  /** One line for each folder there, whatever its name: its name, a tab, and the contents of this file in it. */
  | { readonly kind: 'named-folders'; readonly path: string; readonly file: string }
  /**
   * The lines of a file that match, and nothing else of it. The pattern is of whole lines, and means the same as an
   * extended regular expression of POSIX. `what` says which lines these are.
   */
  | { readonly kind: 'lines'; readonly path: string; readonly pattern: string; readonly what: string }
  /** The text of the VMCOREINFO note in `/proc/kcore`. Nothing else of that file is read. */
  | { readonly kind: 'vmcoreinfo'; readonly path: string }
  /** The ELF header and the program headers of a file. Nothing else of it is read. */
  | { readonly kind: 'elf-headers'; readonly path: string }
  /** Those of these paths that exist, one on each line. */
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  /**
   * The first of these programs that exists: its path, its file without links, and the version in its bytes, which
   * follows the mark.
   */
  | { readonly kind: 'program'; readonly paths: readonly string[]; readonly mark: string }
  /** A folder with all files in it. */
  | { readonly kind: 'tree'; readonly path: string };

/** A file system that must be mounted. The collectors mount nothing. */
export interface Mount {
  readonly type: string;
  readonly path: string;
}

/** A fact, and where it is read. */
export interface Source {
  /** The name of the collected file or folder. */
  readonly name: keyof Collected | 'device-tree';
  readonly form: 'text' | 'bytes';
  readonly from: Reading;
  /** The most bytes, if they differ from those of other facts of this form. */
  readonly maxBytes?: number;
  /** What the fact is needed for. */
  readonly purpose: string;
  /** What the kernel needs to have the fact. Without this text, a missing file is not recorded as unknown. */
  readonly absent?: string;
  readonly mount?: Mount;
  /** Whether most kernels let nobody read it, not even root. A denied read is then not recorded as unknown. */
  readonly isMostlyDenied?: true;
  /** The fact is skipped if this file was collected and contains one of these texts: the fact is not needed then. */
  readonly unless?: { readonly file: keyof Collected; readonly has: readonly string[] };
}

/** The first of these files that exists. */
export function buildFileReading(first: string, ...others: readonly string[]): Reading {
  return { kind: 'file', places: [{ path: first }, ...others.map((path) => ({ path }))] };
}

/** Describes the first place of a fact, for people. */
export function describePlace(from: Reading): string {
  switch (from.kind) {
    case 'file':
      return from.places[0].path;
    case 'folders':
      return `a line "${from.prefix}N ${from.files.join(' ').toUpperCase()}" for each ${from.prefix}N in ${from.path}`;
    case 'named-folders':
      return `a line for each folder in ${from.path}: its name, a tab, its ${from.file}`;
    case 'lines':
      return `${from.what} in ${from.path}`;
    case 'vmcoreinfo':
      return `the text of the note VMCOREINFO in ${from.path}`;
    case 'elf-headers':
      return `the ELF header and the program headers of ${from.path}`;
    case 'paths':
      return `those of these paths that exist: ${from.paths.slice(0, 2).join(', ')}, …`;
    case 'program':
      return `path, file and version of the first of ${from.paths.slice(0, 2).join(', ')}, … that exists`;
    case 'tree':
      return from.path;
  }
}
