import { join } from 'node:path';
import { align4 } from '../../base/bytes.js';
import type { ChosenEntry } from '../../boot-entry/boot-entry.js';
import { chooseEntry, findBootMenu } from '../../boot-entry/find-entry.js';
import type { FileInput } from '../files/file-input.js';
import { readFile } from '../files/read-file.js';
import { readEntryFiles } from './read-entry-files.js';

/**
 * Finds the entry that the boot loader of this machine starts by default, or a named one.
 *
 * @param name - the name of an entry, and what gave it; the default entry if left out
 * @param root - another machine's root
 * @returns its paths begin with the root
 * @throws KexecError as findBootMenu() and chooseEntry()
 */
export function readChosenEntry(
  name?: { readonly wanted: string; readonly by: string },
  root = '/',
): ChosenEntry {
  const entry = chooseEntry(findBootMenu(readEntryFiles(root)), name);
  if (root === '/') return entry;
  const below = (path: string): string => join(root, path);
  return {
    ...entry,
    kernel: below(entry.kernel),
    initrds: entry.initrds.map(below),
    deviceTree: entry.deviceTree === undefined ? undefined : below(entry.deviceTree),
  };
}

/**
 * The initrd of an entry: its path, or the bytes of several one after the other, each from a multiple of 4 bytes on, as
 * boot loaders hand them over (Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * @throws KexecError as readFile()
 */
export function readInitrds(paths: readonly string[]): FileInput | undefined {
  if (paths.length < 2) return paths[0];
  const files = paths.map((path) => readFile(path));
  const joined = new Uint8Array(files.reduce((sum, { length }) => align4(sum) + length, 0));
  let at = 0;
  for (const file of files) {
    joined.set(file, align4(at));
    at = align4(at) + file.length;
  }
  return joined;
}
