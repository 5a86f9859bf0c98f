import { concatenate, decodeLatin1, equalBytes } from '../../../base/bytes.js';
import { type Range, rangeOf } from '../../../base/range.js';
import { readAddressCells, readSizeCells } from '../../../formats/fdt/cells.js';
import { findNode, getProperty } from '../../../formats/fdt/edit.js';
import { encodeName } from '../../../formats/fdt/names.js';
import type { Fdt, FdtNode } from '../../../formats/fdt/tree.js';
import { encodeCells, readReg, readString } from '../../../formats/fdt/values.js';
import { writeFdt } from '../../../formats/fdt/write.js';

/** Properties that hold numbers of nodes (phandles), which have no meaning in another tree. */
const PHANDLES = ['phandle', 'linux,phandle', 'iommu-addresses'];

const SLASH = 0x2f;

/**
 * Sets a property. A new name is placed when {@link writeMerged} writes the tree, all names at once: a file may bring
 * any number of them.
 */
export function putProperty(node: FdtNode, name: string, value: Uint8Array): void {
  const existing = node.properties.find((property) => property.name === name);
  if (existing !== undefined) existing.value = value;
  else node.properties.push({ name, value });
}

/** Copies properties from a node to another. @returns the names of those that this changed */
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
 * Copies a node for another tree, without phandles.
 *
 * @param from - the parent of `node`, in whose cells its `reg` is
 * @param to - the parent of the copy, in whose cells its `reg` is written
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

/** Converts a `reg` from the cells of a parent to those of another. */
export function convertReg(value: Uint8Array, from: FdtNode, to: FdtNode): Uint8Array {
  const entries = readReg(value, readAddressCells(from), readSizeCells(from));
  return encodeReg(
    entries.map(({ address, size }) => rangeOf(address, size)),
    to,
  );
}

/**
 * Encodes ranges as the `reg` of a child of `parent`.
 *
 * @throws KexecError `EINVAL`, check `dtb-value`, if its cells are too few.
 */
export function encodeReg(ranges: readonly Range[], parent: FdtNode): Uint8Array {
  const [addresses, sizes] = [readAddressCells(parent), readSizeCells(parent)];
  return concatenate(
    ranges.flatMap(({ start, end }) => [encodeCells(start, addresses), encodeCells(end - start, sizes)]),
  );
}

/** Reads the paths of /aliases by their names: Devicetree Specification v0.4, section 3.3. */
export function readAliases(fdt: Fdt): Map<string, string> {
  const properties = findNode(fdt, '/aliases')?.properties ?? [];
  // Not every property is an alias: a phandle is not.
  const paths = properties.filter(({ value }) => value[0] === SLASH);
  return new Map(paths.map(({ name, value }) => [name, readString(value)]));
}

/** Writes a tree that {@link putProperty} and {@link copyNode} changed. */
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
