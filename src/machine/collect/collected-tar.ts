import { type ParsedTarEntryWithData, unpackTar } from 'modern-tar';
import { refuse } from '../../base/error.js';
import { nameAnyFile } from '../../formats/foreign/name-file.js';
import { isTar } from '../../formats/tar.js';
import type { Machine } from '../machine-value.js';
import { type CollectedFiles, isCollectedName } from './collected-files.js';
import { recordFiles } from './record-files.js';
import { MAX_ENTRIES } from './sources.js';
import { findStrangeMember } from './tar-members.js';
import { type Gunzip, portableGunzip, unpackCollected } from './unpack-collected.js';

/**
 * Records a machine from a tar of the collector script. It may be compressed with gzip, and the files may be in one
 * folder. It has files and folders only, and the files of one machine.
 *
 * @param path - its file name gives the machine its name
 * @param bytes - plain, or compressed by gzip
 * @throws KexecError check `machine-archive`: `EFBIG` for more than 32 MiB, `EINVAL` if it is damaged or no tar; else
 *   as {@link recordFiles}
 */
export async function recordTar(path: string, bytes: Uint8Array, gunzip?: Gunzip): Promise<Machine> {
  const name = path.replace(/^.*\//s, '').replace(/(\.tar)?(\.gz)?$|\.tgz$/, '');
  return recordFiles(name, await readTar(path, bytes, gunzip), { gunzip });
}

/**
 * Reads the collected files in a tar. Other files are ignored.
 *
 * @param path - the name of the tar, for error messages
 * @param bytes - plain, or compressed by gzip
 * @throws KexecError `EINVAL`, check `machine-archive`, if it is damaged, no tar, contains no collected file or those
 *   of several machines, or a member that is neither a file nor a folder below it
 */
export async function readTar(
  path: string,
  bytes: Uint8Array,
  gunzip: Gunzip = portableGunzip,
): Promise<CollectedFiles> {
  const archive = unpackCollected(path, bytes, gunzip);
  const entries = await readEntries(path, archive);
  const strange =
    findStrangeMember(archive) ?? entries.map(({ header }) => findPathFault(header.name)).find(Boolean);
  if (strange !== undefined)
    refuse('machine-archive', 'EINVAL', `${path}: ${strange}`, {
      cure: 'pack regular files with relative paths: tar -cf MACHINE.tar -C FOLDER .',
    });
  return collectOneMachine(path, entries);
}

/** @throws KexecError `EINVAL`, check `machine-archive`, for the files of no machine, or of several. */
function collectOneMachine(path: string, entries: readonly ParsedTarEntryWithData[]): CollectedFiles {
  const files = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  let twice: string | undefined;
  for (const { header, data } of entries) {
    const found = findCollectedFile(header.name);
    if (found === undefined || data === undefined || header.type === 'directory') continue;
    if (files.has(found.name)) twice ??= header.name;
    folders.add(found.folder);
    files.set(found.name, data);
  }
  if (folders.size > 1) {
    const names = [...folders].map((folder) => (folder === '' ? 'no folder' : folder)).slice(0, 4);
    const seen = `${path} contains the files of several machines: in ${names.join(', ')}`;
    refuse('machine-archive', 'EINVAL', seen, {
      cure: 'pack the files of each machine into a tar of its own',
    });
  }
  if (twice !== undefined)
    refuse('machine-archive', 'EINVAL', `${path} contains ${twice} twice`, {
      cure: 'pack the files again into a new tar; tar -r adds to an old one',
    });
  if (files.size === 0)
    refuse('machine-archive', 'EINVAL', `${path} contains none of the files that the collector writes`);
  return files;
}

/** Describes the fault of a path that could leave the folder in which a tar is unpacked. */
function findPathFault(name: string): string | undefined {
  if (name.startsWith('/')) return `the path of ${name} is absolute`;
  return name.split('/').includes('..') ? `the path ${name} leaves its folder` : undefined;
}

async function readEntries(path: string, archive: Uint8Array): Promise<ParsedTarEntryWithData[]> {
  let count = 0;
  const filter = (): boolean => {
    count += 1;
    if (count > MAX_ENTRIES) throw new Error(`more than ${MAX_ENTRIES} files`);
    return true;
  };
  try {
    return await unpackTar(archive, { strict: true, filter });
  } catch (cause) {
    const name = isTar(archive) ? undefined : nameAnyFile(archive);
    const seen =
      name === undefined ? `is damaged, or no tar: ${(cause as Error).message}` : `is ${name}, not a tar`;
    refuse('machine-archive', 'EINVAL', `${path} ${seen}`, { cause });
  }
}

/** A collected file: its name, without `./`, and the folder that contains it; empty if there is none. */
interface CollectedFile {
  readonly name: string;
  readonly folder: string;
}

/** Tells which collected file a path is. Undefined for others. */
function findCollectedFile(path: string): CollectedFile | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (const depth of [0, 1]) {
    const name = parts.slice(depth);
    if (isCollectedName(name)) return { name: name.join('/'), folder: parts.slice(0, depth).join('/') };
  }
  return undefined;
}
