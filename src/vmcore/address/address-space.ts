import type { DumpMemory } from '../open/dump-memory.js';

/** A mapping of a virtual address. */
export interface Mapping {
  /** The physical address. */
  readonly physical: bigint;
  /** The size of the page or block that contains it, in bytes. */
  readonly size: bigint;
}

/** How a kernel's virtual addresses are translated, by its VMCOREINFO. */
export interface AddressSpace {
  /** In bytes. */
  readonly pageSize: number;
  /** The root of the kernel's page tables: its virtual address, if VMCOREINFO has it. */
  readonly root?: bigint | undefined;
  /**
   * Walks the kernel's page tables.
   *
   * @param root - the physical address of the root table
   * @param address - virtual
   * @returns undefined if the tables do not map the address
   * @throws KexecError, as the memory refuses, if a table was not dumped.
   */
  walk(memory: DumpMemory, root: bigint, address: bigint): Mapping | undefined;
  /**
   * Translates an address of the linear map without page tables.
   *
   * @returns the physical address; undefined if the address is not there, or VMCOREINFO does not have the map's place
   */
  translateLinear(address: bigint): bigint | undefined;
  /**
   * Translates an address of the kernel's image without page tables.
   *
   * @returns the physical address; undefined if the address is not there, or VMCOREINFO does not have the image's place
   */
  translateImage(address: bigint): bigint | undefined;
}
