import { accessSync, constants, type Dirent, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { refuse } from '../../base/error.js';
import { FDT_MAX_LEVELS } from '../../formats/fdt/tree.js';
import type { Machine } from '../../machine/machine-value.js';
import { toAccessError } from '../files/access-error.js';
import { readBounded, readStatus, recordFiles } from './record-files.js';
import { SOURCES, UNKNOWN_FILE } from './sources.js';

/**
 * The machine whose files were collected into a folder, under the names of {@link SOURCES}; whichever are there.
 *
 * @throws KexecError `ENOENT` if there is no such folder, `EFBIG` for a file beyond 32 MiB, else as
 *   {@link recordFiles}.
 */
export function recordFromFolder(folder: string): Machine {
  if (!readStatus(folder)?.isDirectory()) {
    refuse('file-access', 'ENOENT', `${folder} is not a folder`);
  }
  const files = new Map<string, Uint8Array>();
  for (const name of [...SOURCES.map((source) => source.name), UNKNOWN_FILE]) {
    const path = join(folder, name);
    const status = readStatus(path);
    if (status?.isDirectory()) readTree(path, name, files);
    else if (status !== undefined) files.set(name, readBounded(path));
  }
  return recordFiles(basename(resolve(folder)), files);
}

/**
 * Reads all files below a folder into `files`, named from `name` on. Links are not followed, and what may not be read
 * (properties that begin with `security-`) is left out.
 *
 * @throws KexecError `file-access` with the system's errno if the folder cannot be read.
 */
export function readTree(path: string, name: string, files: Map<string, Uint8Array>, level = 1): void {
  if (level > FDT_MAX_LEVELS) return;
  for (const entry of readEntries(path)) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) readTree(below, `${name}/${entry.name}`, files, level + 1);
    else if (entry.isFile() && isReadable(below)) files.set(`${name}/${entry.name}`, readBounded(below));
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function readEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (cause) {
    throw toAccessError(`cannot read ${path}`, cause);
  }
}
