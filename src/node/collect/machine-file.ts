import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../base/error.js';
import { NEEDED_SOURCES, TAR_NAME } from '../../machine/collect/collected-files.js';
import { MAX_FILE_BYTES } from '../../machine/collect/sources.js';
import type { Machine } from '../../machine/machine-value.js';
import { parseMachineFile } from '../../machine/parse-machine-file.js';
import { tryAccess } from '../files/access-error.js';
import { createReusedMemory } from '../files/read-file.js';
import { readStatus } from '../files/read-status.js';
import { hasEntry, readBounded } from './read-bounded.js';
import { recordFromFolder } from './record-folder.js';

/** Reused for each file: a machine value does not share memory with the text of its file. */
const memory = createReusedMemory();

/**
 * Reads a machine from a machine file, or from a folder or a tar of collected files.
 *
 * @throws KexecError as reading, parseMachine() and recordFrom(); `ENODATA`, check `machine-facts`, for a folder
 *   without collected files
 */
export async function readMachine(path: string): Promise<Machine> {
  if (isFolder(path)) {
    if (isCollected(path)) return recordFromFolder(path);
    tryAccess(`cannot read ${path}`, () => readdirSync(path));
    refuse(
      'machine-facts',
      'ENODATA',
      `${path} contains no machine: no file *.json or *.tar, and no collected files`,
    );
  }
  if (TAR_NAME.test(path)) return (await import('./record-tar.js')).recordFromTar(path);
  return readMachineFile(path);
}

/**
 * Reads a machine file, which may be a pipe, of at most 32 MiB. Real ones have about 100 KiB.
 *
 * @throws KexecError as parseMachine(); `EFBIG`, check `machine-archive`; `file-access`, with the system's errno.
 */
export function readMachineFile(path: string): Machine {
  return parseMachineFile(readBounded(path, MAX_FILE_BYTES, memory));
}

/**
 * Reads the bytes of a machine file, which are valid until the next one is read.
 *
 * @returns undefined for a folder or a tar, which readMachine() reads
 * @throws KexecError as readMachineFile().
 */
export function readMachineBytes(path: string): Buffer | undefined {
  if (isFolder(path) || TAR_NAME.test(path)) return undefined;
  const { buffer, byteOffset, length } = readBounded(path, MAX_FILE_BYTES, memory);
  return Buffer.from(buffer, byteOffset, length);
}

export function isFolder(path: string): boolean {
  return readStatus(path)?.isDirectory() === true;
}

/** Whether a folder contains collected files: any of the files that every machine needs. */
export function isCollected(folder: string): boolean {
  return NEEDED_SOURCES.some((name) => hasEntry(join(folder, name)));
}
