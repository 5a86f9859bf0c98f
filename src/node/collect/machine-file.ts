import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KexecError } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import { parseMachine } from '../../machine/schema.js';
import { toAccessError } from '../files/access-error.js';
import { createReusedMemory } from '../files/read-file.js';
import { readBounded, readStatus } from './record-files.js';
import { recordFromFolder } from './record-folder.js';
import type { Source } from './sources.js';

/** A device tree of 2 MiB, the most that a kernel can be given, takes 2.7 MiB of it; real files have some 100 KiB. */
const MAX_MACHINE_FILE_BYTES = 4 * 1024 * 1024;

/** A machine points at nothing of its file's text. */
const memory = createReusedMemory();

/** What tars of collected files are called; files of other names are taken to be machine files. */
export const TAR_NAME = /\.(tar|tar\.gz|tgz)$/;

/**
 * The machine in a machine file, or that was collected into a folder or a tar.
 *
 * @throws KexecError that says why there is none: what reading, parseMachine() and recordFrom() throw; `ENODATA`, check
 *   `machine-facts`, for a folder without anything collected.
 */
export async function readMachine(path: string): Promise<Machine> {
  if (isFolder(path)) {
    if (isCollected(path)) return recordFromFolder(path);
    throw describeMissingMachine(path);
  }
  if (TAR_NAME.test(path)) return (await import('./record-tar.js')).recordFromTar(path);
  return parseMachine(new TextDecoder().decode(readBounded(path, MAX_MACHINE_FILE_BYTES, memory)));
}

function describeMissingMachine(folder: string): KexecError {
  try {
    readdirSync(folder);
  } catch (cause) {
    return toAccessError(`cannot read ${folder}`, cause);
  }
  const seen = `${folder} holds no machine: no file *.json or *.tar, and nothing that a collector makes`;
  return new KexecError('machine-facts', 'ENODATA', seen);
}

export function isFolder(path: string): boolean {
  return readStatus(path)?.isDirectory() === true;
}

/** Whether files were collected into a folder: any of those without which they tell of no machine. */
export function isCollected(folder: string): boolean {
  return NEEDED_SOURCES.some((name) => readStatus(join(folder, name)) !== undefined);
}

const NEEDED_SOURCES: readonly Source['name'][] = ['fdt', 'device-tree', 'iomem'];
