import { type Range, rangeOf } from '../base/range.js';
import { readAddressCells, readSizeCells } from '../formats/fdt/cells.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import { parseFdt } from '../formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { readReg, readString } from '../formats/fdt/values.js';
import type { Machine } from './machine-value.js';

/** Of the machine that was asked for last alone: in a WeakMap, trees outlive many collections of garbage. */
let last: { readonly machine: Machine; readonly tree: Fdt } | undefined;

/**
 * A machine's device tree, to be read and not changed: a machine is a value, so that its tree need not be read for every
 * load that is planned on it.
 *
 * @throws KexecError as {@link parseFdt}.
 */
export function deviceTreeOf(machine: Machine): Fdt {
  if (last?.machine !== machine) last = { machine, tree: parseFdt(machine.deviceTree) };
  return last.tree;
}

/** RAM by the device tree: the `reg` of every memory node of the root, lowest first. */
export function memoryOfDeviceTree({ root }: Fdt): Range[] {
  return root.children
    .filter(isMemory)
    .flatMap((node) => regRanges(node, root))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** What the device tree sets aside: its reservation block, and /reserved-memory nodes at a fixed place. */
export function reservedOfDeviceTree({ root, reservations }: Fdt): Range[] {
  const reservedMemory = findNode(root, '/reserved-memory');
  return [
    ...reservations.map(({ address, size }) => rangeOf(address, size)),
    ...(reservedMemory?.children.flatMap((node) => regRanges(node, reservedMemory)) ?? []),
  ];
}

/** Whether a node tells of RAM: Devicetree Specification v0.4, section 3.4. */
export function isMemory(node: FdtNode): boolean {
  const type = getProperty(node, 'device_type');
  return type !== undefined && readString(type) === 'memory';
}

/** The ranges of a node's `reg`, in its parent's cells; empty ones left out. @throws KexecError `EINVAL`. */
export function regRanges(node: FdtNode, parent: FdtNode): Range[] {
  const reg = getProperty(node, 'reg');
  if (reg === undefined) return [];
  return readReg(reg, readAddressCells(parent), readSizeCells(parent))
    .map(({ address, size }) => rangeOf(address, size))
    .filter(({ start, end }) => start < end);
}
