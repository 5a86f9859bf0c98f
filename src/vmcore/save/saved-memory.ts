import { findFirstIndex } from '../../base/bisect.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { type DumpMemory, readMemory } from '../open/dump-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';

/** arm64 and x86_64 have at most 52 bits of physical addresses. Below that, frame numbers and addresses are exact as `number`. */
const PHYSICAL_LIMIT = 1n << 52n;

/** The most runs of pages of a compressed dump: a filtered dump of 1 TiB has some 100,000. */
const MAX_RUNS = 1 << 20;

/** How much memory is read at once, in bytes. */
export const MAX_READ_BYTES = 1 << 18;

/** The memory of a dump as page frames. */
export interface SavedMemory {
  readonly memory: DumpMemory;
  /** In bytes. */
  readonly pageSize: number;
  /** What the file contains: disjoint, lowest first, in bytes. */
  readonly ranges: readonly Extent[];
  /** All RAM, of which an earlier save may have left out pages: disjoint, lowest first, in bytes. */
  readonly ram: readonly Extent[];
  /** All page frames are below this number. */
  readonly frames: number;
  /** The size of all ranges, in bytes. */
  readonly total: number;
  /** Reused for every read. */
  readonly buffer: Uint8Array;
}

/** A half-open range of physical addresses below 2^52. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the memory of a dump that can be saved.
 *
 * @param fileSize - of the dump, in bytes
 * @throws KexecError `EINVAL`, check `dump-save`, for addresses of more than 52 bits, for a compressed dump whose pages
 *   are in too many pieces, and for PT_LOADs that share bytes of the file, which could be saved to more than the size
 *   of the file.
 */
export function findSavedMemory(vmcore: Vmcore, fileSize: bigint): SavedMemory {
  const { format, memory, loads, addressSpace } = vmcore;
  for (const { physicalAddress, memorySize } of loads) checkAddress(physicalAddress + memorySize);
  const pageSize = addressSpace?.pageSize ?? 4096;
  const ranges = format === 'ELF' ? findLoaded(memory) : findRuns(memory);
  const ram = format === 'ELF' ? ranges : findRam(memory);
  const total = ranges.reduce((sum, { start, end }) => sum + (end - start), 0);
  // The pages of a compressed dump may be smaller than their memory.
  if (format === 'ELF' && BigInt(total) > fileSize) {
    const seen = `the dump's PT_LOADs have ${formatBytes(BigInt(total))} of memory, but the file has ${formatBytes(fileSize)}`;
    refuse('dump-save', 'EINVAL', seen);
  }
  return {
    memory,
    pageSize,
    ranges,
    ram,
    frames: Math.ceil((ram.at(-1)?.end ?? 0) / pageSize),
    total,
    buffer: new Uint8Array(MAX_READ_BYTES + 2 * pageSize),
  };
}

function checkAddress(end: bigint): void {
  if (end <= PHYSICAL_LIMIT) return;
  refuse('dump-save', 'EINVAL', `the dump has memory up to ${hex(end)}, which exceeds 52 bits`);
}

function findLoaded(memory: DumpMemory): Extent[] {
  return memory
    .ranges()
    .flatMap(({ start, present }) =>
      present > 0n ? [{ start: Number(start), end: Number(start + present) }] : [],
    );
}

function findRam(memory: DumpMemory): Extent[] {
  return memory.ranges().map(({ start, end }) => {
    checkAddress(end);
    return { start: Number(start), end: Number(end) };
  });
}

/** Finds the runs of pages in a compressed dump. */
function findRuns(memory: DumpMemory): Extent[] {
  const runs: Extent[] = [];
  for (const { start, end } of memory.presentRuns()) {
    checkAddress(end);
    if (runs.length === MAX_RUNS)
      refuse('dump-save', 'EINVAL', `the pages of the dump are in more than ${MAX_RUNS} pieces`, {
        cure: 'save it from the ELF dump that it was made from',
      });
    runs.push({ start: Number(start), end: Number(end) });
  }
  return runs;
}

/** Creates a function that counts the bytes below an address that the file contains, in logarithmic time. */
export function createPresentCounter({ ranges }: SavedMemory): (address: number) => number {
  const sums = [0];
  for (const { start, end } of ranges) sums.push((sums.at(-1) as number) + end - start);
  return (address) => {
    const index = findFirstIndex(ranges.length, (index) => (ranges[index] as Extent).end > address);
    const start = ranges[index]?.start ?? address;
    return (sums[index] as number) + Math.max(address - start, 0);
  };
}

/** Finds the parts of a range of memory that the file contains. */
export function findPresentParts({ ranges }: SavedMemory, { start, end }: Extent): Extent[] {
  const parts: Extent[] = [];
  const first = findFirstIndex(ranges.length, (index) => (ranges[index] as Extent).end > start);
  for (let index = first; index < ranges.length; index += 1) {
    const range = ranges[index] as Extent;
    if (range.start >= end) break;
    parts.push({ start: Math.max(range.start, start), end: Math.min(range.end, end) });
  }
  return parts.filter((part) => part.start < part.end);
}

/**
 * Reads page frames; bytes that are not in the dump are zero.
 *
 * @param into - where they are read to; what is reused for every read, if left out
 * @returns at most {@link MAX_READ_BYTES} and two pages, which are valid until the next call
 */
export function readFrames(saved: SavedMemory, start: number, end: number, into = saved.buffer): Uint8Array {
  const { memory, pageSize, ranges } = saved;
  const from = start * pageSize;
  const to = end * pageSize;
  const bytes = into.subarray(0, to - from);
  const first = findFirstIndex(ranges.length, (index) => (ranges[index] as Extent).end > from);
  const whole = ranges[first];
  if (whole === undefined || whole.start > from || to > whole.end) bytes.fill(0);
  for (let index = first; index < ranges.length; index += 1) {
    const range = ranges[index] as Extent;
    if (range.start >= to) break;
    const at = Math.max(range.start, from);
    readMemory(memory, BigInt(at), bytes.subarray(at - from, Math.min(range.end, to) - from));
  }
  return bytes;
}
