import { refuse } from '../base/error.js';
import { intersection, type Range, size, subtract, totalSize } from '../base/range.js';
import { alignUp, GIB, hex, KIB, MIB, maximum } from '../base/u64.js';
import type { Granule } from '../machine/arm64/arm64-machine.js';
import { readDeviceTree } from '../machine/arm64/read-device-tree.js';
import { hasSmmu } from '../machine/arm64/smmu.js';
import type { Machine } from '../machine/machine-value.js';
import { findUsualCrashkernel } from './usual-crashkernel.js';

/** What a crash kernel is made of. Sizes in bytes. */
export interface CrashKernelFiles {
  /** image_size of the Image's header: the kernel with its bss. */
  readonly kernel: bigint;
  /** Its page size; undefined where the Image does not say. */
  readonly pageSize?: Granule | undefined;
  readonly initrd?: {
    /** Of the file. */
    readonly packed: bigint;
    /** Of the files in it; undefined where the archive does not tell. */
    readonly unpacked?: bigint | undefined;
  };
}

/** A part of the sum. */
export interface EstimatedPart {
  readonly what: string;
  readonly bytes: bigint;
  /** Where the number comes from. */
  readonly why: string;
}

/** How large the crash region should be. */
export interface CrashEstimate {
  readonly parts: readonly EstimatedPart[];
  /** Of the parts. */
  readonly sum: bigint;
  /** What distributions reserve on a machine of this size, where they reserve anything. */
  readonly usual?: EstimatedPart;
  /** What to reserve: the larger of both, in steps of 16 MiB. */
  readonly reserve: bigint;
  /** What the machine has reserved now. */
  readonly reserved?: bigint;
  /** For the running kernel's command line. */
  readonly parameter: string;
  /** Why it has the form that it has. */
  readonly form: string;
}

const STEP = 16n * MIB;
/** A capture kernel takes its memory up to here first; `,high` goes beyond. */
const LOW_LIMIT = 4n * GIB;
/** CRASH_ALIGN. */
const ALIGNMENT = 2n * MIB;
/** DEFAULT_CRASH_KERNEL_LOW_SIZE: for devices that reach no further, beside a region above 4 GiB. */
const LOW_SIZE = 128n * MIB;

/** Bytes of struct page. */
const PAGE_STRUCT = 64n;
/** What an initrd becomes where it does not tell: kernel modules and programs pack to about a third. */
export const UNPACKED_RATIO = 3n;
/** What a kernel allocates until its init runs, with 4 KiB pages: page tables, slabs, per-CPU areas, the log. */
const KERNEL_MEMORY = 48n * MIB;
/** Shell, collector, its buffers and the page cache that it needs. */
const USER_MEMORY = 64n * MIB;

/**
 * Estimates the crash region that a machine needs for a capture kernel, as a sum whose parts are told, and writes the
 * `crashkernel=` parameter (Documentation/admin-guide/kdump/kdump.rst).
 *
 * @throws KexecError `ENOMEM`, check `crash-estimate`, if that is more than half of the RAM.
 */
export function estimateCrashRegion(files: CrashKernelFiles, machine: Machine): CrashEstimate {
  const ram = totalSize(machine.memory);
  const pageSize = BigInt(files.pageSize ?? machine.pageSize);
  const parts = partsOf(files, ram, pageSize);
  const subtotal = sumOf(parts);
  // The kernel has a struct page for each page of the region itself.
  const structs: EstimatedPart = {
    what: 'struct page',
    bytes: alignUp((subtotal * PAGE_STRUCT) / (pageSize - PAGE_STRUCT), pageSize),
    why: `${PAGE_STRUCT} bytes for each page of ${pageSize / KIB} KiB of the region`,
  };
  const sum = subtotal + structs.bytes;
  const found = findUsualCrashkernel(ram, Number(pageSize), () => hasSmmu(readDeviceTree(machine)));
  const usual = found && { what: 'what kdumpctl would reserve', ...found };
  const reserve = alignUp(maximum(sum, usual?.bytes ?? 0n), STEP);
  if (reserve > ram / 2n) {
    refuse(
      'crash-estimate',
      'ENOMEM',
      `a crash region of ${hex(reserve)} bytes on a machine with ${hex(ram)} bytes of RAM, more than half`,
    );
  }
  const { crashRegion } = machine;
  return {
    parts: [...parts, structs],
    sum,
    ...(usual === undefined ? {} : { usual }),
    reserve,
    ...(crashRegion === undefined ? {} : { reserved: size(crashRegion.high) }),
    ...parameterFor(reserve, machine),
  };
}

function partsOf({ kernel, initrd }: CrashKernelFiles, ram: bigint, pageSize: bigint): EstimatedPart[] {
  // Small allocations and mapped files take more with larger pages: by kdumpctl's table, about a third.
  const isLarge = pageSize === 65536n;
  const scaled = (bytes: bigint): bigint => (isLarge ? (bytes * 4n) / 3n : bytes);
  const more = isLarge ? '; a third more with pages of 64 KiB' : '';
  return [
    { what: 'kernel', bytes: alignUp(kernel, ALIGNMENT), why: 'image_size, on 2 MiB' },
    ...(initrd === undefined ? [] : initrdParts(initrd, pageSize)),
    { what: 'device tree and ELF core header', bytes: 2n * MIB + 64n * KIB, why: 'at most' },
    {
      what: 'kernel memory',
      bytes: scaled(KERNEL_MEMORY),
      why: `page tables, slabs, the log${more}`,
    },
    {
      what: 'user memory',
      bytes: scaled(USER_MEMORY),
      why: `programs and page cache${more}`,
    },
    {
      what: 'bitmaps',
      bytes: alignUp(ram / pageSize / 4n, pageSize),
      why: 'two bits for each page of RAM that is dumped',
    },
  ];
}

function initrdParts(
  { packed, unpacked }: NonNullable<CrashKernelFiles['initrd']>,
  pageSize: bigint,
): EstimatedPart[] {
  const bytes = alignUp(unpacked ?? packed * UNPACKED_RATIO, pageSize);
  const why = unpacked === undefined ? `${UNPACKED_RATIO} times as much: it does not tell` : 'as it tells';
  return [
    { what: 'initrd', bytes: alignUp(packed, pageSize), why: "the file's size" },
    { what: 'initrd, unpacked', bytes, why },
  ];
}

/** Below 4 GiB if there is room, where every device can reach; else high, with a low region beside it. */
function parameterFor(reserve: bigint, machine: Machine): Pick<CrashEstimate, 'parameter' | 'form'> {
  const text = `${reserve / MIB}M`;
  const low = { start: 0n, end: LOW_LIMIT };
  const fits = spaces(machine).some((space) => {
    const part = intersection(space, low);
    return part !== undefined && alignUp(part.start, ALIGNMENT) + reserve <= part.end;
  });
  if (fits || totalSize(machine.memory.flatMap((region) => intersection(region, low) ?? [])) === 0n)
    return {
      parameter: `crashkernel=${text}`,
      form: fits ? 'there is room below 4 GiB' : 'there is no RAM below 4 GiB',
    };
  return {
    parameter: `crashkernel=${text},high crashkernel=${LOW_SIZE / MIB}M,low`,
    form: `no room below 4 GiB: high, with ${LOW_SIZE / MIB} MiB below for devices that reach no further`,
  };
}

/** RAM that nothing has, or only the crash regions of now. */
function spaces({ memory, reserved, crashRegion }: Machine): Range[] {
  const regions = [crashRegion?.high, crashRegion?.low].filter((region) => region !== undefined);
  return subtract(memory, subtract(reserved, regions));
}

function sumOf(parts: readonly EstimatedPart[]): bigint {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0n);
}
