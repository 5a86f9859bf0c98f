/**
 * The flattened device tree as a value: Devicetree Specification v0.4, chapter 5. It is mutable: the functions of
 * edit.ts modify it in place as libfdt modifies a blob, so that the result of writeFdt() has the size that the kernel's
 * own edits would give.
 */

/** A property: a name and bytes, whose form depends on the name (values.ts reads and encodes them). */
export interface FdtProperty {
  name: string;
  value: Uint8Array;
  /**
   * The offset of the name in the strings block, in bytes. Only a hint: it saves a search, and keeps a tree that is
   * parsed and written unchanged. If it is missing or wrong, the name is searched, and appended if necessary.
   */
  nameOffset?: number;
  /** The number of FDT_NOP words before it. */
  nopsBefore?: number;
}

/** A node. Its name is the last part of its path, with the unit address ("cpu@0"), and '' for the root. */
export interface FdtNode {
  name: string;
  properties: FdtProperty[];
  children: FdtNode[];
  /** The number of FDT_NOP words before it; a root has none. */
  nopsBefore?: number;
  /** The number of FDT_NOP words between its last child or property and its end. */
  nopsAtEnd?: number;
}

/** Memory that a kernel must leave alone: `size` bytes, never 0, from the physical address `address`. */
export interface FdtReservation {
  address: bigint;
  size: bigint;
}

/** A device tree, with the facts that are needed to write it back unchanged. */
export interface Fdt {
  /** last_comp_version: the oldest version whose readers understand the blob. */
  lastCompatibleVersion: number;
  /** boot_cpuid_phys: the physical ID of the CPU that boots. */
  bootCpu: number;
  reservations: FdtReservation[];
  root: FdtNode;
  /** The strings block. It only grows: libfdt never removes a name, used or not. */
  strings: Uint8Array;
  /** The end of the structure block, after the root node: FDT_END and other words of its writer. */
  structureEnd: Uint8Array;
}

/** The tokens of the structure block: Devicetree Specification, section 5.4.1. */
export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;

/**
 * The most levels of nodes in a tree; the root is the first. The kernel ignores deeper nodes (`unflatten_dt_nodes()`
 * stops one before its FDT_MAX_DEPTH, 64); boards have up to 12 levels.
 */
export const FDT_MAX_LEVELS = 63;

/** Visits a node and all below it, each once, in no order that a caller should depend on. */
export function* walkNodes(root: FdtNode): Generator<FdtNode> {
  const left = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    yield node;
    // One by one: a call cannot have as many arguments as a node can have children.
    for (const child of node.children) left.push(child);
  }
}

/** Creates a node without properties and children. */
export function createNode(name: string): FdtNode {
  return { name, properties: [], children: [] };
}

/**
 * The most nodes and properties of a tree. Boards have up to 10000; a tree of 2 MiB, the most that a kernel reads, has
 * at most 174756.
 */
export const FDT_MAX_ITEMS = 1 << 18;

/** Creates a tree that consists of an empty root node. */
export function createFdt(): Fdt {
  return {
    lastCompatibleVersion: 16,
    bootCpu: 0,
    reservations: [],
    root: createNode(''),
    strings: new Uint8Array(0),
    structureEnd: new Uint8Array([0, 0, 0, FDT_END]),
  };
}
