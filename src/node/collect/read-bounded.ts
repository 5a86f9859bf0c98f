import { lstatSync } from 'node:fs';
import { MAX_FILE_BYTES } from '../../machine/collect/sources.js';
import { refuseLargerFile } from '../../machine/collect/unpack-collected.js';
import { type Allocate, readFile } from '../files/read-file.js';

/**
 * Reads a file, or a pipe, of limited size.
 *
 * @param path - `-` is standard input
 * @param limit - in bytes
 * @param allocate - as for readFile()
 * @throws KexecError `EFBIG`, check `machine-archive`, if it is larger; else the system's errno
 */
export function readBounded(path: string, limit: number = MAX_FILE_BYTES, allocate?: Allocate): Uint8Array {
  return readFile(path, allocate, { limit, refuseLarger: refuseLargerFile });
}

/** Whether there is anything of that name: a link to nothing, too, so that reading it reports that. */
export function hasEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
