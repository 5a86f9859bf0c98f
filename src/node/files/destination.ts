import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readStatus } from './read-status.js';
import { findDescriptor } from './standard-descriptors.js';

/** How many symbolic links are followed to a file that does not exist yet, as many as the kernel follows. */
const MAX_LINKS = 40;

/** What the path of an output leads to. */
export type Destination =
  | { readonly kind: 'descriptor'; readonly descriptor: number }
  /** A pipe or a device: it is written to directly. */
  | { readonly kind: 'stream' }
  /**
   * A file, by its path without symbolic links, or a file to be, whose `status` is undefined. A folder is among them:
   * the system refuses it when it is written to.
   */
  | { readonly kind: 'file'; readonly path: string; readonly status: Stats | undefined };

/** Finds what an output leads to. Nothing is thrown: what cannot be reached fails when it is written to. */
export function findDestination(path: string): Destination {
  const descriptor = findDescriptor(path);
  if (descriptor !== undefined) return { kind: 'descriptor', descriptor };
  const status = readStatus(path);
  if (status === undefined) return { kind: 'file', path: followLinks(path), status };
  if (status.isFile() || status.isDirectory()) return { kind: 'file', path: realpathSync(path), status };
  return { kind: 'stream' };
}

/** Follows symbolic links to where a file would be created. */
function followLinks(path: string): string {
  let target = path;
  for (let links = 0; links < MAX_LINKS && isLink(target); links += 1) {
    target = resolve(dirname(target), readlinkSync(target));
  }
  return target;
}

/** Whether a path itself, not what it leads to, is a symbolic link. */
export function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}
