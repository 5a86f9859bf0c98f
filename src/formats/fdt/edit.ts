/**
 * Looking up and modifying nodes and properties of a device tree. The results are those of libfdt's functions of
 * similar names in a blob: the same order, the same strings block, the same remaining FDT_NOP words.
 */
import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { findNodeNameFault, findPropertyNameFault, placeName } from './names.js';
import { createNode, type Fdt, type FdtNode, type FdtProperty } from './tree.js';
import { checkReservation } from './write.js';

/**
 * Finds the node at a path such as "/soc/serial@9000000", from the root of a tree or from a node. A part without a unit
 * address ("/memory") matches the first node with any or none: libfdt's `fdt_path_offset()` without aliases.
 *
 * @returns undefined if there is no such node
 */
export function findNode(from: Fdt | FdtNode, path: string): FdtNode | undefined {
  let node: FdtNode | undefined = 'root' in from ? from.root : from;
  for (const name of splitPath(path)) {
    node = node.children.find((child) => matches(child, name));
    if (node === undefined) return undefined;
  }
  return node;
}

/** Returns the value of a property of a node, shared, or undefined if there is none of that name. */
export function getProperty(node: FdtNode, name: string): Uint8Array | undefined {
  return findProperty(node, name)?.value;
}

/**
 * Sets a property to a value, which is shared, not copied. An existing property keeps its place; a new one becomes the
 * first of its node, and its name is added to the strings block: `fdt_setprop()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-strings`, if the name is invalid.
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
 * Appends bytes to the value of a property, or sets the property if there is none: `fdt_appendprop()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-strings`, if the name is invalid.
 */
export function appendProperty(fdt: Fdt, node: FdtNode, name: string, bytes: Uint8Array): void {
  const old = getProperty(node, name) ?? new Uint8Array(0);
  setProperty(fdt, node, name, concatenate([old, bytes]));
}

/** Deletes a property: `fdt_delprop()`. Its name stays in the strings block. @returns whether there was one */
export function deleteProperty(node: FdtNode, name: string): boolean {
  const index = node.properties.findIndex((property) => property.name === name);
  const [deleted] = index < 0 ? [] : node.properties.splice(index, 1);
  if (deleted === undefined) return false;
  moveNopsOnward(node, deleted, node.properties[index] ?? node.children[0]);
  return true;
}

/**
 * Adds an empty node before the other children of its parent: `fdt_add_subnode()`.
 *
 * @returns the new node
 * @throws KexecError `EINVAL`, check `dtb-structure`, if the name is invalid or {@link findNode} finds a child by it.
 */
export function addNode(parent: FdtNode, name: string): FdtNode {
  const existing = parent.children.find((child) => matches(child, name));
  const fault = existing === undefined ? findNodeNameFault(name) : `the node ${existing.name} exists already`;
  if (fault !== undefined) refuse('dtb-structure', 'EINVAL', fault);

  const node = createNode(name);
  takeNops(node, parent);
  parent.children.unshift(node);
  return node;
}

/** Finds the node at a path, and adds it and the nodes above it if they are missing. */
export function ensureNode(from: Fdt | FdtNode, path: string): FdtNode {
  let node = 'root' in from ? from.root : from;
  for (const name of splitPath(path)) node = findNode(node, name) ?? addNode(node, name);
  return node;
}

/** Deletes the child that {@link findNode} finds by a name: `fdt_del_node()`. @returns whether there was one */
export function deleteNode(parent: FdtNode, name: string): boolean {
  const index = parent.children.findIndex((child) => matches(child, name));
  const [deleted] = index < 0 ? [] : parent.children.splice(index, 1);
  if (deleted === undefined) return false;
  moveNopsOnward(parent, deleted, parent.children[index]);
  return true;
}

/**
 * Appends a reservation of `size` bytes at a physical address: `fdt_add_mem_rsv()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-reservations`, for size 0, which ends the list, or numbers beyond 64 bits.
 */
export function addReservation(fdt: Fdt, address: bigint, size: bigint): void {
  checkReservation({ address, size });
  fdt.reservations.push({ address, size });
}

/**
 * Deletes the first reservation of exactly this address and size: the kernel's `fdt_find_and_del_mem_rsv()`.
 *
 * @returns whether there was one
 */
export function deleteReservation(fdt: Fdt, address: bigint, size: bigint): boolean {
  const index = fdt.reservations.findIndex((entry) => entry.address === address && entry.size === size);
  if (index < 0) return false;
  fdt.reservations.splice(index, 1);
  return true;
}

function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** libfdt's `fdt_nodename_eq_()`. */
function matches(node: FdtNode, name: string): boolean {
  return node.name === name || (!name.includes('@') && node.name.startsWith(`${name}@`));
}

function findProperty(node: FdtNode, name: string): FdtProperty | undefined {
  return node.properties.find((property) => property.name === name);
}

/** Moves the FDT_NOP words before a deleted item to the item that follows it, or to the end of its parent. */
function moveNopsOnward(
  parent: FdtNode,
  deleted: FdtNode | FdtProperty,
  next: FdtNode | FdtProperty | undefined,
): void {
  const { nopsBefore } = deleted;
  if (nopsBefore === undefined) return;
  if (next !== undefined) next.nopsBefore = (next.nopsBefore ?? 0) + nopsBefore;
  else parent.nopsAtEnd = (parent.nopsAtEnd ?? 0) + nopsBefore;
}

/** Moves the FDT_NOP words after the properties of a parent before a node that becomes its first child. */
function takeNops(node: FdtNode, parent: FdtNode): void {
  const [first] = parent.children;
  const nops = first === undefined ? parent.nopsAtEnd : first.nopsBefore;
  if (nops === undefined) return;
  node.nopsBefore = nops;
  if (first === undefined) delete parent.nopsAtEnd;
  else delete first.nopsBefore;
}
