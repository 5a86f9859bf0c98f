/**
 * Finding and changing what is in a device tree, with the results that libfdt's functions of like names have in a blob:
 * the same order, the same names in the strings block, the same FDT_NOP words left over.
 */
import { refuse } from '../../base/error.js';
import { findNodeNameFault, findPropertyNameFault, placeName } from './names.js';
import type { Fdt, FdtNode, FdtProperty } from './tree.js';
import { checkReservation } from './write.js';

/**
 * The node that a path such as "/soc/serial@9000000" leads to, from the root of a tree or from a node. A part without
 * a unit address ("/memory") finds the first node that has any or none: libfdt's `fdt_path_offset()`, less its aliases.
 */
export function findNode(from: Fdt | FdtNode, path: string): FdtNode | undefined {
  let node: FdtNode | undefined = 'root' in from ? from.root : from;
  for (const name of pathParts(path)) {
    node = node.children.find((child) => matches(child, name));
    if (node === undefined) return undefined;
  }
  return node;
}

/** The value of a node's property, or undefined if it has none of that name. */
export function getProperty(node: FdtNode, name: string): Uint8Array | undefined {
  return findProperty(node, name)?.value;
}

/**
 * Gives a property a value, which is kept and not copied. An existing property keeps its place; a new one becomes its
 * node's first, and its name goes into the strings block: `fdt_setprop()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-strings`, if the name cannot be one.
 */
export function setProperty(fdt: Fdt, node: FdtNode, name: string, value: Uint8Array): void {
  const existing = findProperty(node, name);
  if (existing !== undefined) {
    existing.value = value;
    return;
  }
  const fault = findPropertyNameFault(name);
  if (fault !== undefined) refuse('dtb-strings', 'EINVAL', fault);
  const { strings, offset } = placeName(fdt.strings, name);
  fdt.strings = strings;
  node.properties.unshift({ name, value, nameOffset: offset });
}

/**
 * Appends bytes to a property's value, or sets the property if there is none: `fdt_appendprop()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-strings`, if the name cannot be one.
 */
export function appendProperty(fdt: Fdt, node: FdtNode, name: string, bytes: Uint8Array): void {
  const old = getProperty(node, name) ?? new Uint8Array(0);
  const value = new Uint8Array(old.length + bytes.length);
  value.set(old);
  value.set(bytes, old.length);
  setProperty(fdt, node, name, value);
}

/** Deletes a property: `fdt_delprop()`. Its name stays in the strings block. Gives whether there was one. */
export function deleteProperty(node: FdtNode, name: string): boolean {
  const index = node.properties.findIndex((property) => property.name === name);
  const [deleted] = index < 0 ? [] : node.properties.splice(index, 1);
  if (deleted === undefined) return false;
  leaveNops(node, deleted, node.properties[index] ?? node.children[0]);
  return true;
}

/**
 * Adds an empty node, before its parent's other children: `fdt_add_subnode()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-structure`, if the name cannot be one, or {@link findNode} finds a child by it.
 */
export function addNode(parent: FdtNode, name: string): FdtNode {
  const existing = parent.children.find((child) => matches(child, name));
  const fault = existing === undefined ? findNodeNameFault(name) : `there is a node ${existing.name} already`;
  if (fault !== undefined) refuse('dtb-structure', 'EINVAL', fault);

  const node: FdtNode = { name, properties: [], children: [] };
  takeNops(node, parent);
  parent.children.unshift(node);
  return node;
}

/** The node that a path leads to; it and the nodes above it are added where they are missing. */
export function ensureNode(from: Fdt | FdtNode, path: string): FdtNode {
  let node = 'root' in from ? from.root : from;
  for (const name of pathParts(path)) node = findNode(node, name) ?? addNode(node, name);
  return node;
}

/** Deletes a child, which {@link findNode} finds by this name, and all below it: `fdt_del_node()`. */
export function deleteNode(parent: FdtNode, name: string): boolean {
  const index = parent.children.findIndex((child) => matches(child, name));
  const [deleted] = index < 0 ? [] : parent.children.splice(index, 1);
  if (deleted === undefined) return false;
  leaveNops(parent, deleted, parent.children[index]);
  return true;
}

/**
 * Adds a reservation behind the others: `fdt_add_mem_rsv()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-reservations`, if `size` is 0, which would end the list, or either is no u64.
 */
export function addReservation(fdt: Fdt, address: bigint, size: bigint): void {
  checkReservation({ address, size });
  fdt.reservations.push({ address, size });
}

/**
 * Deletes the first reservation of just this address and size, as the kernel's `fdt_find_and_del_mem_rsv()` does. Gives
 * whether there was one.
 */
export function deleteReservation(fdt: Fdt, address: bigint, size: bigint): boolean {
  const index = fdt.reservations.findIndex((entry) => entry.address === address && entry.size === size);
  if (index < 0) return false;
  fdt.reservations.splice(index, 1);
  return true;
}

function pathParts(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** libfdt's `fdt_nodename_eq_()`. */
function matches(node: FdtNode, name: string): boolean {
  return node.name === name || (!name.includes('@') && node.name.startsWith(`${name}@`));
}

function findProperty(node: FdtNode, name: string): FdtProperty | undefined {
  return node.properties.find((property) => property.name === name);
}

/** What was deleted leaves the FDT_NOP words before it to what follows it, or to its parent's end. */
function leaveNops(
  parent: FdtNode,
  deleted: FdtNode | FdtProperty,
  next: FdtNode | FdtProperty | undefined,
): void {
  const { nopsBefore } = deleted;
  if (nopsBefore === undefined) return;
  if (next !== undefined) next.nopsBefore = (next.nopsBefore ?? 0) + nopsBefore;
  else parent.nopsAtEnd = (parent.nopsAtEnd ?? 0) + nopsBefore;
}

/** A node that is added stands behind the FDT_NOP words that follow its parent's properties. */
function takeNops(node: FdtNode, parent: FdtNode): void {
  const [first] = parent.children;
  const nops = first === undefined ? parent.nopsAtEnd : first.nopsBefore;
  if (nops === undefined) return;
  node.nopsBefore = nops;
  if (first === undefined) delete parent.nopsAtEnd;
  else delete first.nopsBefore;
}
