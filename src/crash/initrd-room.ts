import { minimum } from '../base/u64.js';
import { findParameterValues } from '../machine/command-line.js';
import { readLeadingSize } from '../machine/memparse.js';

/** What takes memory before the initrd is unpacked, in bytes. */
export interface BootMemory {
  /** All memory of the kernel that unpacks the initrd. */
  readonly memory: bigint;
  /** image_size of an Image, init_size of a bzImage. */
  readonly kernel: bigint;
  /** The initrd's file. */
  readonly packed: bigint;
  readonly pageSize: bigint;
  /** What such kernels reserve for DMA without `cma=`. */
  readonly usualCma: bigint;
}

/** How much an initrd's files may take, at most, in bytes; and the reason. */
export interface InitrdRoom {
  readonly bytes: bigint;
  /**
   * What is likely there, if that is less: with the usual area for DMA, or if the kernel does not know
   * `initramfs_options=`.
   */
  readonly likely?: bigint;
  readonly why: string;
}

const STRUCT_PAGE_SIZE = 64n;

/**
 * Finds how much memory a kernel reserves for DMA (CMA). It does not count as memory yet when the kernel bounds the
 * tmpfs (`shmem_default_max_blocks()`); seen with Linux 6.12.
 *
 * @returns as the last `cma=` says; undefined without one: the configuration or the device tree decides
 */
function findCmaSize(commandLine: string): bigint | undefined {
  const value = findParameterValues(commandLine, 'cma').at(-1);
  return value === undefined ? undefined : readLeadingSize(value)?.bytes;
}

/** How much memory a kernel reserves for DMA: as `cma=` says, else the usual of its architecture. */
export function assumeCmaSize(commandLine: string, usual: bigint): bigint {
  return findCmaSize(commandLine) ?? usual;
}

/**
 * Whether a kernel unpacks its initrd into a tmpfs (`init_rootfs()`): without `root=` and `rootfstype=`, or if
 * `rootfstype=` names tmpfs. Otherwise it is a ramfs, which has no bound but the memory.
 */
export function unpacksIntoTmpfs(commandLine: string): boolean {
  const root = findParameterValues(commandLine, 'root').at(-1);
  const types = findParameterValues(commandLine, 'rootfstype').at(-1);
  return types === undefined ? (root ?? '') === '' : types.includes('tmpfs');
}

/**
 * Measures the room for an initrd's files. It is an upper bound: what else the kernel reserves at boot is not counted.
 *
 * @param commandLine - of the kernel that unpacks the initrd
 */
export function measureInitrdRoom(
  { memory, kernel, packed, pageSize, usualCma }: BootMemory,
  commandLine: string,
): InitrdRoom {
  const structs = (memory * STRUCT_PAGE_SIZE) / pageSize;
  const left = memory - kernel - packed - structs;
  const free = left > 0n ? left : 0n;
  if (!unpacksIntoTmpfs(commandLine)) return { bytes: free, why: 'the memory that kernel and initrd leave' };
  const given = findTmpfsSize(commandLine, free);
  if (given !== undefined) {
    const bytes = minimum(given, free);
    const why =
      'initramfs_options= bounds the tmpfs; kernels before 6.18 may not know it, and take half of the memory';
    return { bytes, likely: minimum(bytes, halve(free, assumeCmaSize(commandLine, usualCma))), why };
  }
  return {
    bytes: halve(free, findCmaSize(commandLine) ?? 0n),
    likely: halve(free, assumeCmaSize(commandLine, usualCma)),
    why: 'without root=, the kernel unpacks it into a tmpfs of half of its memory, that for DMA (cma=) not counted',
  };
}

function halve(free: bigint, cma: bigint): bigint {
  return free > cma ? (free - cma) / 2n : 0n;
}

/**
 * The size in `initramfs_options=` (Linux 6.18, and stable releases with it): in bytes, or in percent of the memory.
 */
function findTmpfsSize(commandLine: string, memory: bigint): bigint | undefined {
  const options = findParameterValues(commandLine, 'initramfs_options').at(-1)?.split(',') ?? [];
  const size = options.findLast((option) => option.startsWith('size='))?.slice('size='.length);
  const read = size === undefined ? undefined : readLeadingSize(size);
  if (size === undefined || read === undefined) return undefined;
  // 0 is no bound.
  if (read.bytes === 0n) return memory;
  return size.charAt(read.length) === '%' ? (memory * read.bytes) / 100n : read.bytes;
}
