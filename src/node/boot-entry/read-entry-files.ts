import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { type EntryFiles, MAX_ENTRIES, MAX_ENTRY_BYTES } from '../../boot-entry/entry-files.js';
import { normalizePath } from '../../boot-entry/mounts.js';
import { tryAccess } from '../files/access-error.js';
import { type ReadBound, readFile } from '../files/read-file.js';

/** The kernel follows as many symbolic links: MAXSYMLINKS. */
const MAX_LINKS = 40;

/** The names of the Boot Loader Specification for Node's names of architectures. */
const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  arm: 'arm',
  arm64: 'aa64',
  ia32: 'ia32',
  loong64: 'loongarch64',
  riscv64: 'riscv64',
  x64: 'x64',
};

const BOUND: ReadBound = {
  limit: MAX_ENTRY_BYTES,
  refuseLarger: (path, limit) =>
    refuse(
      'boot-entry-form',
      'EFBIG',
      `${path} has more than ${limit} bytes: it is no configuration of a boot loader`,
    ),
};

/**
 * Reads the files of a machine that name its boot entries.
 *
 * @param root - the folder that is the machine's root; symbolic links in it stay within it
 */
export function readEntryFiles(root = '/'): EntryFiles {
  const follow = (path: string): string => join(root, followLinks(root, path));
  return {
    readText: (path) => {
      const bytes = readIfAny(follow(path), BOUND);
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    readBytes: (path) => readIfAny(follow(path)),
    listFolder: (path) => listNames(follow(path)),
    isFile: (path) => isFile(follow(path)),
    followLink: (path) => followLinks(root, path),
    architecture: ARCHITECTURES[process.arch],
  };
}

/** Reads a file. @returns undefined if it does not exist */
function readIfAny(path: string, bound?: ReadBound): Uint8Array | undefined {
  const bytes = attempt(() => readFile(path, undefined, bound));
  if (!(bytes instanceof KexecError)) return bytes;
  if (bytes.errno === 'ENOENT' || bytes.errno === 'ENOTDIR' || bytes.errno === 'EISDIR') return undefined;
  throw bytes;
}

function listNames(path: string): readonly string[] {
  const names = attempt(() => tryAccess(`cannot read ${path}`, () => readdirSync(path)));
  if (names instanceof KexecError) {
    if (names.errno === 'ENOENT' || names.errno === 'ENOTDIR') return [];
    throw names;
  }
  if (names.length > MAX_FOLDER_NAMES)
    refuse('boot-entry-form', 'EFBIG', `${path} has more than ${MAX_FOLDER_NAMES} files`);
  return names.toSorted();
}

/** Entries are a few of the files in a folder. */
const MAX_FOLDER_NAMES = 16 * MAX_ENTRIES;

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where a path leads within a root: a link to an absolute path counts from there. */
function followLinks(root: string, path: string): string {
  let done = '';
  let left = normalizePath(path).split('/').slice(1);
  for (let links = 0; left.length > 0 && links <= MAX_LINKS; ) {
    const [part = '', ...rest] = left;
    const here = `${done}/${part}`;
    const target = readLink(join(root, here));
    if (target === undefined) {
      done = here;
      left = rest;
      continue;
    }
    links += 1;
    const next = target.startsWith('/') ? target : `${done}/${target}`;
    left = [...normalizePath(next).split('/').slice(1), ...rest].filter((each) => each !== '');
    done = '';
  }
  return [done, ...left].join('/') || '/';
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
