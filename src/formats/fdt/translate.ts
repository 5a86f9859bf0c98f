import { readAddressCells, readSizeCells } from './cells.js';
import { getProperty } from './edit.js';
import type { FdtNode } from './tree.js';
import { readCells, readReg } from './values.js';

/**
 * Reads the physical address of the first register block of a node: Devicetree Specification v0.4, sections 2.3.6 and
 * 2.3.8. Every bus above translates the address by its `ranges`; an empty one leaves it unchanged.
 *
 * @param path - the nodes from the root to the node, both included
 * @returns undefined if the node has no `reg`, or a bus does not map it
 * @throws KexecError `EINVAL`, check `dtb-value`, for a malformed property.
 */
export function readRegisterAddress(path: readonly FdtNode[]): bigint | undefined {
  const node = path.at(-1);
  const bus = path.at(-2);
  const reg = node && getProperty(node, 'reg');
  if (bus === undefined || reg === undefined) return undefined;
  let address = readReg(reg, readAddressCells(bus), readSizeCells(bus))[0]?.address;
  for (let level = path.length - 2; level > 0 && address !== undefined; level -= 1) {
    address = translate(address, path[level] as FdtNode, path[level - 1] as FdtNode);
  }
  return address;
}

/** Translates an address on a bus to the address on its parent. */
function translate(address: bigint, bus: FdtNode, parent: FdtNode): bigint | undefined {
  const ranges = getProperty(bus, 'ranges');
  if (ranges === undefined) return undefined;
  if (ranges.length === 0) return address;
  const cells = [readAddressCells(bus), readAddressCells(parent), readSizeCells(bus)] as const;
  const entrySize = 4 * (cells[0] + cells[1] + cells[2]);
  for (let at = 0; at + entrySize <= ranges.length; at += entrySize) {
    const [child, translated, size] = readEntry(ranges.subarray(at, at + entrySize), cells);
    if (child <= address && address < child + size) return translated + (address - child);
  }
  return undefined;
}

/** Reads an entry of `ranges`: child address, parent address, size. */
function readEntry(entry: Uint8Array, cells: readonly [number, number, number]): [bigint, bigint, bigint] {
  let at = 0;
  const next = (count: number): bigint => {
    const value = readCells(entry.subarray(at, at + 4 * count), count);
    at += 4 * count;
    return value;
  };
  return [next(cells[0]), next(cells[1]), next(cells[2])];
}
