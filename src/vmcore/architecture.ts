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

  /**
   * Finds the frame records on the kernel stack of a CPU; undefined if the architecture's kernels keep none.
   *
   * @returns virtual addresses, innermost frame first
   */
  readonly findFrameRecords?: (read: ReadVirtual, cpu: CpuState) => bigint[];
}
