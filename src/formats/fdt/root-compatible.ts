import { attempt, KexecError } from '../../base/error.js';
import { type FdtHeader, parseFdtHeader } from './header.js';
import { FDT_NOP, FDT_PROP } from './tree.js';
import { readStrings } from './values.js';

/** Boards have some 20 properties at the root. */
const MAX_PROPERTIES = 256;
/** The most names of a board, from most to least specific: boards have up to five. */
export const MAX_BOARDS = 64;

/** The first node: FDT_BEGIN_NODE, and the empty name of the root, padded. */
const ROOT_START = 8;
const COMPATIBLE = 'compatible';

/**
 * Reads the `compatible` of the root of a device tree, without parsing the rest: a file may have thousands of trees.
 *
 * @returns empty if there is none, or the tree is malformed
 */
export function readRootCompatible(tree: Uint8Array): readonly string[] {
  const header = attempt(() => parseFdtHeader(tree));
  if (header instanceof KexecError) return [];
  const value = findRootProperty(tree, header);
  return value === undefined ? [] : readStrings(value).slice(0, MAX_BOARDS);
}

/** Properties come before the first child: Devicetree Specification, section 5.4.2. */
function findRootProperty(
  tree: Uint8Array,
  { structureOffset, stringsOffset, totalSize }: FdtHeader,
): Uint8Array | undefined {
  const view = new DataView(tree.buffer, tree.byteOffset, totalSize);
  let at = structureOffset + ROOT_START;
  for (let count = 0; count < MAX_PROPERTIES && at + 12 <= totalSize; count += 1) {
    const token = view.getUint32(at);
    if (token === FDT_NOP) {
      at += 4;
      continue;
    }
    if (token !== FDT_PROP) return undefined;
    const length = view.getUint32(at + 4);
    const name = stringsOffset + view.getUint32(at + 8);
    if (at + 12 + length > totalSize) return undefined;
    if (isName(tree, name)) return tree.subarray(at + 12, at + 12 + length);
    at += 12 + Math.ceil(length / 4) * 4;
  }
  return undefined;
}

function isName(tree: Uint8Array, at: number): boolean {
  return (
    [...COMPATIBLE].every((character, index) => tree[at + index] === character.charCodeAt(0)) &&
    tree[at + COMPATIBLE.length] === 0
  );
}
