import { refuse } from '../base/error.js';
import { size, totalSize } from '../base/range.js';
import { formatBytes, formatSize } from '../base/sizes.js';
import { alignUp, isPowerOfTwo, KIB, MIB, maximum } from '../base/u64.js';
import { readUnpackedSize } from '../formats/unpacked-size.js';
import { findMachineArchitecture } from '../machine/architectures.js';
import type { Granule } from '../machine/arm64/arm64-machine.js';
import { type BootLoader, describeCommandLinePlace, findBootLoader } from '../machine/boot-loader.js';
import { listRam } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import { chooseCrashkernel } from './crashkernel/choose-crashkernel.js';
import { assumeCmaSize, unpacksIntoTmpfs } from './initrd-room.js';
import type { KernelSize } from './kernel-size.js';
import { findUsualCrashkernelOf } from './usual-crashkernel.js';

/** The sizes of a crash kernel's files, in bytes. */
export interface CrashKernelFiles {
  /** What the kernel takes from its first byte on: image_size of an Image, init_size of a bzImage. */
  readonly kernel: bigint;
  /** Its page size; undefined if its header does not say it. */
  readonly pageSize?: Granule | undefined;
  /** A multiple of this is where it begins: kernel_alignment of a bzImage; undefined if its header does not say it. */
  readonly alignment?: bigint | undefined;
  readonly initrd?: {
    /** Of the archive. */
    readonly packed: bigint;
    /** Of the files in it, unpacked; undefined if the archive does not say it. */
    readonly unpacked?: bigint | undefined;
    /** Whether the kernel unpacks it into a tmpfs, which takes half of its memory at most. */
    readonly isInTmpfs?: boolean | undefined;
    /** What the kernel reserves for DMA, in bytes: the tmpfs's half does not contain it. */
    readonly cma?: bigint | undefined;
  };
}

/** A part of the sum. */
export interface EstimatedPart {
  readonly what: string;
  readonly bytes: bigint;
  /** The source of the number. */
  readonly why: string;
}

/** The estimated size of a crash region, in bytes. */
export interface CrashEstimate {
  readonly parts: readonly EstimatedPart[];
  readonly sum: bigint;
  /** What distributions reserve on a machine of this size; undefined if nothing. */
  readonly usual?: EstimatedPart;
  /** What to reserve: the larger of the two, rounded up to 16 MiB. */
  readonly reserve: bigint;
  /** What the machine has reserved; undefined if nothing. */
  readonly reserved?: bigint;
  /** The CMA that it has reserved for a crash kernel in addition; undefined if none. */
  readonly reservedCma?: bigint;
  /** `crashkernel=`, for the running kernel's command line. */
  readonly parameter: string;
  /** The reason for the form of the parameter. */
  readonly form: string;
  /** What the machine boots by; undefined if nothing that was recorded tells. */
  readonly bootLoader?: BootLoader;
  /** Where the parameter is added, as the boot loader wants it. */
  readonly place: string;
}

/** Sizes to reserve are multiples of this. */
const RESERVE_STEP = 16n * MIB;
/** The size of struct page. */
const STRUCT_PAGE_SIZE = 64n;
/** Unpacked by compressed size of an initrd that does not say it: modules and programs compress to about a third. */
const UNPACKED_RATIO = 3n;
/** What a kernel allocates until its init runs, with 4 KiB pages: page tables, slabs, per-CPU areas, the log. */
const KERNEL_MEMORY = 48n * MIB;
/** Shell, collector, their buffers and page cache. */
const USER_MEMORY = 64n * MIB;

/**
 * Estimates the crash region that a machine needs for a capture kernel, part by part, and the `crashkernel=` parameter
 * for it (Documentation/admin-guide/kdump/kdump.rst).
 *
 * @throws KexecError `ENOMEM`, check `crash-estimate`, if it is more than half of the RAM.
 */
export function estimateCrashRegion(files: CrashKernelFiles, machine: Machine): CrashEstimate {
  const ram = totalSize(listRam(machine));
  const { parts, sum } = estimateNeed(files, machine);
  const found = findUsualCrashkernelOf(machine, files.pageSize ?? machine.pageSize);
  const usual = found && { what: 'what kdumpctl would reserve', ...found };
  const reserve = alignUp(maximum(sum, usual?.bytes ?? 0n), RESERVE_STEP);
  if (reserve > ram / 2n) {
    const seen = `the crash region needs ${formatBytes(reserve)}, and the machine has ${formatSize(ram)} of RAM`;
    refuse('crash-estimate', 'ENOMEM', seen);
  }
  const { crashRegion, crashCma } = machine;
  const { parameter, form } = chooseCrashkernel(reserve, machine);
  const bootLoader = findBootLoader(machine);
  return {
    parts,
    sum,
    ...(usual === undefined ? {} : { usual }),
    reserve,
    ...(crashRegion === undefined ? {} : { reserved: size(crashRegion.high) }),
    ...(crashCma === undefined ? {} : { reservedCma: totalSize(crashCma) }),
    parameter,
    form,
    ...(bootLoader === undefined ? {} : { bootLoader }),
    place: describeCommandLinePlace(machine, parameter),
  };
}

/** Estimates the memory that a capture kernel needs to run, part by part; whatever the machine can reserve. */
export function estimateNeed(
  files: CrashKernelFiles,
  machine: Machine,
): Pick<CrashEstimate, 'parts' | 'sum'> {
  const pageSize = BigInt(files.pageSize ?? machine.pageSize);
  const listed = listParts(files, machine, pageSize);
  const parts = [...listed, ...listTmpfsParts(files, sumBytes(listed), pageSize)];
  const subtotal = sumBytes(parts);
  const structs: EstimatedPart = {
    what: 'struct page',
    bytes: alignUp((subtotal * STRUCT_PAGE_SIZE) / (pageSize - STRUCT_PAGE_SIZE), pageSize),
    why: `${STRUCT_PAGE_SIZE} bytes for each page of ${pageSize / KIB} KiB of the region`,
  };
  return { parts: [...parts, structs], sum: subtotal + structs.bytes };
}

/**
 * The sizes of a crash kernel's files.
 *
 * @param kernel - as the machine's architecture measures it by its header
 * @param known - the size of the initrd's files, for which its headers are asked otherwise, and the crash kernel's
 *   command line
 * @throws KexecError as `parseCpio()` for a malformed initrd whose files' size is not known.
 */
export function measureFiles(
  { memory, pageSize, alignment }: KernelSize,
  initrd: Uint8Array | undefined,
  machine: Machine,
  known: { readonly unpacked?: bigint | undefined; readonly commandLine?: string | undefined } = {},
): CrashKernelFiles {
  const kernel = { kernel: memory, pageSize, alignment };
  if (initrd === undefined) return kernel;
  const { usualCma } = findMachineArchitecture(machine).findCrashMemoryRules(machine);
  const packed = BigInt(initrd.length);
  const { unpacked = readUnpackedSize(initrd), commandLine } = known;
  const isInTmpfs = commandLine === undefined ? undefined : unpacksIntoTmpfs(commandLine);
  const cma = assumeCmaSize(commandLine ?? '', usualCma);
  return { ...kernel, initrd: { packed, unpacked, isInTmpfs, cma } };
}

/** A tmpfs takes half of what kernel, initrd and the area for DMA leave: as much again as the files must be free. */
function listTmpfsParts(
  { kernel, initrd }: CrashKernelFiles,
  sum: bigint,
  pageSize: bigint,
): EstimatedPart[] {
  if (initrd?.isInTmpfs !== true) return [];
  const { packed, unpacked = packed * UNPACKED_RATIO, cma = 0n } = initrd;
  const missing = kernel + packed + cma + 2n * unpacked - sum;
  if (missing <= 0n) return [];
  return [
    {
      what: 'room in the tmpfs',
      bytes: alignUp(missing, pageSize),
      why: `without root=, the initrd is unpacked into a tmpfs of half of the memory, ${formatSize(cma)} for DMA not counted`,
    },
  ];
}

function listParts(
  { kernel, alignment: given = 0n, initrd }: CrashKernelFiles,
  machine: Machine,
  pageSize: bigint,
): EstimatedPart[] {
  const ram = totalSize(listRam(machine));
  const rules = findMachineArchitecture(machine).findCrashMemoryRules(machine);
  const alignment = isPowerOfTwo(given) ? given : rules.kernelAlignment;
  // Small allocations and mapped files need more memory with larger pages: by kdumpctl's table, about a third.
  const isLarge = pageSize === 65536n;
  const scaled = (bytes: bigint): bigint => (isLarge ? (bytes * 4n) / 3n : bytes);
  const more = isLarge ? '; a third more with pages of 64 KiB' : '';
  return [
    {
      what: 'kernel',
      bytes: alignUp(kernel, alignment),
      why: `${rules.kernelSizeField}, rounded up to ${formatSize(alignment)}`,
    },
    ...(initrd === undefined ? [] : listInitrdParts(initrd, pageSize)),
    rules.beside,
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

function listInitrdParts(
  { packed, unpacked }: NonNullable<CrashKernelFiles['initrd']>,
  pageSize: bigint,
): EstimatedPart[] {
  const bytes = alignUp(unpacked ?? packed * UNPACKED_RATIO, pageSize);
  const why =
    unpacked === undefined
      ? `estimated: ${UNPACKED_RATIO} times its compressed size`
      : 'the size of its files';
  return [
    { what: 'initrd', bytes: alignUp(packed, pageSize), why: "the file's size" },
    { what: 'initrd, unpacked', bytes, why },
  ];
}

function sumBytes(parts: readonly EstimatedPart[]): bigint {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0n);
}
