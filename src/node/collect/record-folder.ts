import { readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { FDT_MAX_LEVELS } from '../../formats/fdt/tree.js';
import { recordFiles } from '../../machine/collect/record-files.js';
import { SOURCES, UNKNOWN_FILE } from '../../machine/collect/sources.js';
import type { Machine } from '../../machine/machine-value.js';
import { tryAccess } from '../files/access-error.js';
import { readStatus } from '../files/read-status.js';
import { FolderReader } from './folder-reader.js';
import { nodeGunzip } from './node-gunzip.js';
import { hasEntry } from './read-bounded.js';

/**
 * Records a machine from a folder of collected files, which have the names of {@link SOURCES}. Files may be missing.
 *
 * @throws KexecError `ENOENT` if there is no such folder; as {@link FolderReader.read} and {@link recordFiles}
 */
export function recordFromFolder(folder: string): Machine {
  if (!readStatus(folder)?.isDirectory()) {
    refuse('file-access', 'ENOENT', `${folder} is not a folder`, {
      cure: 'give the folder, or the tar, that the script of kexec-file machine collector wrote',
    });
  }
  const files = new Map<string, Uint8Array>();
  const reader = new FolderReader(folder);
  for (const { name, from } of [...SOURCES, UNKNOWN]) {
    const path = join(folder, name);
    if (!hasEntry(path)) continue;
    if (from.kind === 'tree') readTree(reader.requireInside(path), name, { files, reader });
    else files.set(name, reader.read(path));
  }
  return recordFiles(basename(resolve(folder)), files, { gunzip: nodeGunzip });
}

/** The list of facts that could not be read is a file like the others. */
const UNKNOWN = { name: UNKNOWN_FILE, from: { kind: 'file' } } as const;

/** The files of a tree that were read, and what reads them. */
interface TreeReading {
  readonly files: Map<string, Uint8Array>;
  readonly reader: FolderReader;
}

/**
 * Reads all files below a folder without links in its path into `files`. Links within it are ignored, and so are files
 * that the user may not read (properties that begin with `security-`).
 *
 * @param name - the name of the folder, with which the names of the files begin
 * @throws KexecError `file-access` with the system's errno if the folder cannot be read; as {@link FolderReader.read}
 */
export function readTree(path: string, name: string, reading: TreeReading, level = 1): void {
  if (level > FDT_MAX_LEVELS) return;
  const { files, reader } = reading;
  for (const entry of tryAccess(`cannot read ${path}`, () => readdirSync(path, { withFileTypes: true }))) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) readTree(below, `${name}/${entry.name}`, reading, level + 1);
    else if (entry.isSymbolicLink()) reader.requireInside(below);
    else if (!entry.isFile()) reader.read(below);
    else {
      const bytes = attempt(() => reader.readListed(below));
      if (!(bytes instanceof KexecError)) files.set(`${name}/${entry.name}`, bytes);
      else if (bytes.errno !== 'EACCES') throw bytes;
    }
  }
}
