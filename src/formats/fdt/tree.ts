/**
 * The flattened device tree as a value: Devicetree Specification v0.4, chapter 5. It is mutable; the functions of
 * edit.ts change it in place, in the ways libfdt changes a blob, so that what writeFdt() makes of it has the size
 * that the kernel's own edits would have given.
 */

/** A property: a name and bytes, whose form only the name tells (values.ts reads and makes them). */
export interface FdtProperty {
  name: string;
  value: Uint8Array;
  /**
   * Where the strings block has the name, in bytes. Only a hint, which spares a search and keeps a tree that is read
   * and written unchanged: where it is missing or wrong, the name is looked up, and appended if need be.
   */
  nameOffset?: number;
  /** How many FDT_NOP words stand before it. */
  nopsBefore?: number;
}

/** A node. Its name is the last part of its path, with the unit address ("cpu@0"), and '' for the root. */
export interface FdtNode {
  name: string;
  properties: FdtProperty[];
  children: FdtNode[];
  /** How many FDT_NOP words stand before it; none do before a root. */
  nopsBefore?: number;
  /** How many FDT_NOP words stand before its end, behind its last child or property. */
  nopsAtEnd?: number;
}

/** Memory that a kernel must leave alone: `size` bytes, never 0, from the physical address `address`. */
export interface FdtReservation {
  address: bigint;
  size: bigint;
}

/** A device tree, with what has to be remembered to write it back as it was. */
export interface Fdt {
  /** last_comp_version, as read: the oldest version whose readers understand the blob. */
  lastCompatibleVersion: number;
  /** boot_cpuid_phys: the physical ID of the CPU that boots. */
  bootCpu: number;
  reservations: FdtReservation[];
  root: FdtNode;
  /** The strings block. It only ever grows: libfdt never takes a name out, used or not. */
  strings: Uint8Array;
  /** The end of the structure block, behind the root node: FDT_END and whatever else a writer left there. */
  structureEnd: Uint8Array;
}

/** The words that the structure block is made of: Devicetree Specification, section 5.4.1. */
export const FDT_BEGIN_NODE = 1;
export const FDT_END_NODE = 2;
export const FDT_PROP = 3;
export const FDT_NOP = 4;
export const FDT_END = 9;

/**
 * How many levels of nodes a tree may have, the root being the first. The kernel leaves deeper nodes out
 * (`unflatten_dt_nodes()` ends one short of its FDT_MAX_DEPTH, 64); boards have up to 12 levels.
 */
export const FDT_MAX_LEVELS = 63;

/** A tree that is nothing but a root node. */
export function createFdt(): Fdt {
  return {
    lastCompatibleVersion: 16,
    bootCpu: 0,
    reservations: [],
    root: { name: '', properties: [], children: [] },
    strings: new Uint8Array(0),
    structureEnd: new Uint8Array([0, 0, 0, FDT_END]),
  };
}
