import { type Range, subtract, totalSize } from '../memory/range.js';

/** Where a machine's memory map was read from, the most exact first. */
export type MemorySource = 'memblock' | 'iomem' | 'device-tree';

/** The sizes of page (translation granule) that an arm64 CPU can have, in bytes. */
export type Granule = 4096 | 16384 | 65536;

/** The region that `crashkernel=` reserved; `low` is the second, below 4 GiB, where there are two. */
export interface CrashRegion {
  readonly high: Range;
  readonly low?: Range;
}

/** What the CPUs can do, as far as it is known; what is not known is left out, and not checked. */
export interface CpuFacts {
  /** The translation granules they have. */
  readonly granules?: readonly Granule[];
  /** Whether they can run big-endian at EL1 beside little-endian. */
  readonly mixedEndian?: boolean;
}

/** What the running kernel asks of a kernel's signature: CONFIG_KEXEC_SIG, CONFIG_KEXEC_SIG_FORCE. */
export type KexecSignature = 'none' | 'checked' | 'force';

/** The running kernel's lockdown: `/sys/kernel/security/lockdown`. */
export type Lockdown = 'none' | 'integrity' | 'confidentiality';

/** The options that make QEMU this machine: what `boot` starts, and what the device tree was taken from. */
export interface QemuOptions {
  /** The value of `-M`: `virt`, `virt,virtualization=on`. */
  readonly machine: string;
  readonly cpu: string;
  /** The value of `-m`. */
  readonly memory: string;
  readonly cpus: number;
}

/**
 * What a machine is, as far as loading a kernel on it goes: a plain value, recorded once and planned against
 * anywhere. Addresses and sizes are physical, in bytes.
 */
export interface Machine {
  /** What people call it. */
  readonly name: string;
  readonly memorySource: MemorySource;
  /** RAM that the kernel may use, lowest first: memblock's `memory`, or System RAM of iomem. */
  readonly memory: readonly Range[];
  /** What of it is taken: the running kernel, its device tree and initrd, firmware, the crash regions. */
  readonly reserved: readonly Range[];
  readonly crashRegion?: CrashRegion;
  /** The flattened device tree that the running kernel was booted with. */
  readonly deviceTree: Uint8Array;
  /** Where that device tree lies, when it is known. */
  readonly deviceTreeAddress?: bigint;
  /** The running kernel's command line. */
  readonly commandLine?: string;
  /** The running kernel's page size: segments begin and end on its pages. */
  readonly pageSize: Granule;
  readonly cpu: CpuFacts;
  readonly kexecSignature?: KexecSignature;
  readonly lockdown?: Lockdown;
  readonly qemu?: QemuOptions;
}

/**
 * RAM that nothing has reserved, lowest first: what the kernel's walk over free memblock ranges visits.
 *
 * Regions of `memory` that touch (those of two NUMA nodes) are not joined, as `for_each_free_mem_range()` does not
 * join them: no segment spans two.
 */
export function freeRanges(machine: Machine): Range[] {
  return machine.memory.flatMap((region) => subtract([region], machine.reserved));
}

/** RAM in all, less what is reserved for good: the nearest to the kernel's `totalram_pages()` that is known. */
export function usableSize(machine: Machine): bigint {
  return totalSize(freeRanges(machine));
}
