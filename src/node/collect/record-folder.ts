import { accessSync, constants, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { refuse } from '../../base/error.js';
import { FDT_MAX_LEVELS } from '../../formats/fdt/tree.js';
import type { Machine } from '../../machine/machine-value.js';
import { tryAccess } from '../files/access-error.js';
import { readBounded, readStatus, recordFiles } from './record-files.js';
import { SOURCES, UNKNOWN_FILE } from './sources.js';

/**
 * Records a machine from a folder of collected files, which have the names of {@link SOURCES}. Files may be missing.
 *
 * @throws KexecError `ENOENT` if there is no such folder, `EFBIG` for a file of more than 32 MiB; else as
 *   {@link recordFiles}
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
 * Reads all files below a folder into `files`. Links are ignored, and so are files that the user may not read
 * (properties that begin with `security-`).
 *
 * @param name - the name of the folder, with which the names of the files begin
 * @throws KexecError `file-access` with the system's errno if the folder cannot be read
 */
export function readTree(path: string, name: string, files: Map<string, Uint8Array>, level = 1): void {
  if (level > FDT_MAX_LEVELS) return;
  for (const entry of tryAccess(`cannot read ${path}`, () => readdirSync(path, { withFileTypes: true }))) {
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
