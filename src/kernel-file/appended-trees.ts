import { findLastBytes } from '../base/bytes.js';
import { attempt, KexecError } from '../base/error.js';
import { FDT_HEADER_SIZE, parseFdtHeader } from '../formats/fdt/header.js';
import { readRootCompatible } from '../formats/fdt/root-compatible.js';
import { magicBytes } from '../formats/magics.js';

/** The most headers that are looked at: an Image has a few trees in it, a phone's kernel some dozens behind it. */
const MAX_CANDIDATES = 4096;

/**
 * Finds device trees that were appended to a file, for a boot loader to choose from: one behind the other, up to the
 * end of the file or to zeros.
 *
 * @param start - where they may begin, in bytes
 * @returns them in order, shared; none if what is at the end is something else
 */
export function findAppendedTrees(file: Uint8Array, start: number): Uint8Array[] {
  const end = stripZeros(file, start);
  // From the end backwards: a tree counts if it ends where the file does, or where a tree begins that counts.
  const sizes = new Map<number, number>();
  const magic = magicBytes('fdt');
  let at = end - FDT_HEADER_SIZE;
  for (let candidates = 0; candidates < MAX_CANDIDATES; candidates += 1) {
    at = findLastBytes(file, magic, at);
    if (at < start) break;
    const header = attempt(() => parseFdtHeader(file.subarray(at)));
    const size = header instanceof KexecError ? 0 : header.totalSize;
    // The last bytes of a tree may be zeros, too.
    if (size > 0 && (at + size >= end || sizes.has(at + size))) sizes.set(at, size);
    at -= 1;
  }
  return collect(file, sizes);
}

function stripZeros(file: Uint8Array, start: number): number {
  let end = file.length;
  while (end > start && file[end - 1] === 0) end -= 1;
  return Math.max(end, FDT_HEADER_SIZE);
}

/** The chain of trees from the first one. */
function collect(file: Uint8Array, sizes: ReadonlyMap<number, number>): Uint8Array[] {
  const trees: Uint8Array[] = [];
  if (sizes.size === 0) return trees;
  let at = [...sizes.keys()].reduce((first, offset) => Math.min(first, offset));
  for (let size = sizes.get(at); size !== undefined; size = sizes.get(at)) {
    trees.push(file.subarray(at, at + size));
    at += size;
  }
  return trees;
}

/** Describes device trees for notes: their number, and the board that the first is for. */
export function describeTrees(trees: readonly Uint8Array[]): string {
  const [first] = trees;
  const count = trees.length === 1 ? 'a device tree' : `${trees.length} device trees`;
  const board = first === undefined ? undefined : readRootCompatible(first)[0];
  if (board === undefined) return count;
  return trees.length === 1 ? `${count} for ${board}` : `${count}, the first for ${board}`;
}
