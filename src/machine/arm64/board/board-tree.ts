import { concatenate, decodeLatin1, equalBytes } from '../../../base/bytes.js';
import { type Range, rangeOf } from '../../../base/range.js';
import { readAddressCells, readSizeCells } from '../../../formats/fdt/cells.js';
import { findNode, getProperty } from '../../../formats/fdt/edit.js';
import { encodeName } from '../../../formats/fdt/names.js';
import type { Fdt, FdtNode } from '../../../formats/fdt/tree.js';
import { encodeCells, readReg, readString } from '../../../formats/fdt/values.js';
import { writeFdt } from '../../../formats/fdt/write.js';

/** Properties that are, or hold, numbers of nodes, which mean nothing in another tree. */
const PHANDLES = ['phandle', 'linux,phandle', 'iommu-addresses'];

const SLASH = 0x2f;

/**
 * Gives a property a value. Its name is placed when the tree is written, all names at once: what comes from a file may
 * bring any number of them.
 */
export function putProperty(node: FdtNode, name: string, value: Uint8Array): void {
  const existing = node.properties.find((property) => property.name === name);
  if (existing !== undefined) existing.value = value;
  else node.properties.push({ name, value });
}

/** Gives properties of one node to another. Gives the names of those that were not there like this before. */
export function carryOver(names: readonly string[], from: FdtNode, to: FdtNode): string[] {
  return names.filter((name) => {
    const value = getProperty(from, name);
    const existing = getProperty(to, name);
    if (value === undefined || (existing !== undefined && equalBytes(value, existing))) return false;
    putProperty(to, name, value);
    return true;
  });
}

/**
 * A copy of a node for another tree, without phandles.
 *
 * @param from - the parent of `node`, in whose cells its `reg` is
 * @param to - the parent that the copy gets, in whose cells its `reg` shall be
 */
export function copyNode(node: FdtNode, from: FdtNode, to: FdtNode): FdtNode {
  return {
    name: node.name,
    properties: node.properties
      .filter(({ name }) => !PHANDLES.includes(name))
      .map(({ name, value }) => ({ name, value: name === 'reg' ? convertReg(value, from, to) : value })),
    children: node.children.map((child) => copyNode(child, node, node)),
  };
}

/** Addresses and sizes in the cells of one node's children, written in those of another's. */
export function convertReg(value: Uint8Array, from: FdtNode, to: FdtNode): Uint8Array {
  const entries = readReg(value, readAddressCells(from), readSizeCells(from));
  return encodeReg(
    entries.map(({ address, size }) => rangeOf(address, size)),
    to,
  );
}

/** Ranges as the `reg` of a child of `parent`. @throws KexecError `EINVAL`, check `dtb-value`, if its cells are too few. */
export function encodeReg(ranges: readonly Range[], parent: FdtNode): Uint8Array {
  const [addresses, sizes] = [readAddressCells(parent), readSizeCells(parent)];
  return concatenate(
    ranges.flatMap(({ start, end }) => [encodeCells(start, addresses), encodeCells(end - start, sizes)]),
  );
}

/** Whether the kernel looks at a node: `of_fdt_device_is_available()`. */
export function isAvailable(node: FdtNode): boolean {
  const status = getProperty(node, 'status');
  return status === undefined || ['okay', 'ok'].includes(readString(status));
}

/** The paths that /aliases gives names to: Devicetree Specification v0.4, section 3.3. */
export function readAliases(fdt: Fdt): Map<string, string> {
  const properties = findNode(fdt, '/aliases')?.properties ?? [];
  // Not every property is an alias: a phandle is none.
  const paths = properties.filter(({ value }) => value[0] === SLASH);
  return new Map(paths.map(({ name, value }) => [name, readString(value)]));
}

/** Writes a tree to which properties were given by {@link putProperty} and {@link copyNode}. */
export function writeMerged(fdt: Fdt): Uint8Array {
  const offsets = new Map<string, number>();
  let offset = 0;
  for (const name of decodeLatin1(fdt.strings).split('\0')) {
    offsets.set(name, offset);
    offset += name.length + 1;
  }
  const added: Uint8Array[] = [];
  let { length } = fdt.strings;
  const place = (node: FdtNode): void => {
    for (const property of node.properties) {
      if (property.nameOffset !== undefined) continue;
      property.nameOffset = offsets.get(property.name) ?? length;
      if (property.nameOffset !== length) continue;
      offsets.set(property.name, length);
      const bytes = encodeName(property.name);
      added.push(bytes);
      length += bytes.length;
    }
    for (const child of node.children) place(child);
  };
  place(fdt.root);
  return writeFdt({ ...fdt, strings: concatenate([fdt.strings, ...added]) });
}
