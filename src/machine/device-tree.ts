import { type Range, rangeOf } from '../base/range.js';
import { readAddressCells, readSizeCells } from '../formats/fdt/cells.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { readReg, readString } from '../formats/fdt/values.js';

/** The RAM of a device tree: the `reg` of every memory node of the root, lowest first. */
export function findMemory({ root }: Fdt): Range[] {
  return root.children
    .filter(isMemory)
    .flatMap((node) => readRegRanges(node, root))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** The ranges that the device tree sets aside: its reservation block, and /reserved-memory nodes at a fixed place. */
export function findReservations({ root, reservations }: Fdt): Range[] {
  const reservedMemory = findNode(root, '/reserved-memory');
  return [
    ...reservations.map(({ address, size }) => rangeOf(address, size)),
    ...(reservedMemory?.children.flatMap((node) => readRegRanges(node, reservedMemory)) ?? []),
  ];
}

/** Whether a node describes RAM: Devicetree Specification v0.4, section 3.4. */
export function isMemory(node: FdtNode): boolean {
  const type = getProperty(node, 'device_type');
  return type !== undefined && readString(type) === 'memory';
}

/** The ranges of a node's `reg`, in its parent's cells; empty ones left out. @throws KexecError `EINVAL`. */
export function readRegRanges(node: FdtNode, parent: FdtNode): Range[] {
  const reg = getProperty(node, 'reg');
  if (reg === undefined) return [];
  return readReg(reg, readAddressCells(parent), readSizeCells(parent))
    .map(({ address, size }) => rangeOf(address, size))
    .filter(({ start, end }) => start < end);
}
