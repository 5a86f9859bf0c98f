import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { refuseReplacement } from './outputs.js';
import { forgetTemporary, removeTemporary, trackTemporary } from './temporaries.js';

/** The bits of a mode that a replaced file hands on. */
const PERMISSIONS = 0o777;

/** Errnos of link(2) on a file system without hard links, or where this file may have no second one. */
const NO_LINKS: readonly (string | undefined)[] = [
  'EPERM',
  'EOPNOTSUPP',
  'ENOTSUP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
];

/**
 * Gives a complete file its name, in one step: a reader sees the old file or the new one.
 *
 * @param overwrite - whether a file of that name is replaced, which hands on its mode and owner
 * @throws KexecError `EEXIST`, check `file-access`, if there is a file that is not to be replaced; else what Node
 *   throws.
 */
export function giveName(from: string, to: string, { overwrite }: { readonly overwrite: boolean }): void {
  if (overwrite) replace(from, to);
  else if (!linkNew(from, to)) renameNew(from, to);
}

function replace(from: string, to: string): void {
  const status = statSync(to, { throwIfNoEntry: false });
  if (status !== undefined) {
    // Only root may give a file away; the others own what they replace, or get to own it.
    if (process.geteuid?.() === 0) chownSync(from, status.uid, status.gid);
    chmodSync(from, status.mode & PERMISSIONS);
  }
  renameSync(from, to);
}

/**
 * Renames by link(2), which replaces nothing.
 *
 * @returns false if the file system has no links
 */
function linkNew(from: string, to: string): boolean {
  try {
    linkSync(from, to);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') refuseReplacement(to);
    if (NO_LINKS.includes(code)) return false;
    throw cause;
  }
  unlinkSync(from);
  return true;
}

/** Renames onto an empty file of our own, which open(2) creates only where nothing is. */
function renameNew(from: string, to: string): void {
  try {
    closeSync(openSync(to, 'wx'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') refuseReplacement(to);
    throw cause;
  }
  trackTemporary(to);
  try {
    renameSync(from, to);
    forgetTemporary(to);
  } catch (cause) {
    removeTemporary(to);
    throw cause;
  }
}
