import type { AddressSpace } from './address/address-space.js';
import type { VmcoreinfoFacts } from './address/vmcoreinfo.js';
import type { CpuState, RegisterLayout } from './summary/cpu-states.js';

/** Reads from a virtual address. @throws KexecError if the memory cannot be read. */
export type ReadVirtual = (address: bigint, length: number) => Uint8Array;

/** All that the generic side asks about the dumps of an architecture's kernels. `architectures.ts` lists them. */
export interface DumpArchitecture {
  /** The kernel's name for it: "x86_64". */
  readonly name: string;
  /** `e_machine`. */
  readonly elfMachine: number;
  /** The lowest virtual address of a kernel, of any size of address spaces. */
  readonly lowestKernelAddress: bigint;
  /** `machine` of uname(2). */
  readonly machine: string;
  /** The registers in `struct elf_prstatus`. */
  readonly registers: RegisterLayout;

  /** Derives the address space of the crashed kernel; undefined if VMCOREINFO lacks what it depends on. */
  deriveAddressSpace(facts: VmcoreinfoFacts): AddressSpace | undefined;

  /** `phys_base` in the header of a compressed dump, as makedumpfile writes it; modulo 2^64. */
  findPhysBase(facts: VmcoreinfoFacts): bigint;

  /** How gdb finds the callers of a function on a kernel stack. */
  readonly gdb: GdbUnwinding;
}

/** What gdb needs to unwind the stacks of an architecture's kernels. */
export interface GdbUnwinding {
  /**
   * Finds what gdb reads on the kernel stack of a CPU.
   *
   * @returns a virtual address in each page of it, innermost frame first
   */
  findStackAddresses(read: ReadVirtual, cpu: CpuState): bigint[];

  /**
   * Builds lines of Python that make gdb unwind.
   *
   * @param stacks - the pages of stacks that no PT_LOAD maps: where they are in the linear map, by their own addresses
   * @returns none if gdb needs nothing
   */
  buildPython(facts: VmcoreinfoFacts, stacks: StackPages): string[];
}

/** Virtual addresses of pages in the linear map, by the addresses at which a stack has them. */
export type StackPages = ReadonlyMap<bigint, bigint>;

/** Stacks are mapped by pages of this size or larger, in bytes. */
export const STACK_PAGE_SIZE = 4096n;
