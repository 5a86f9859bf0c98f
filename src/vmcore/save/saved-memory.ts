import { findFirstIndex } from '../../base/bisect.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import type { DumpMemory } from '../open/dump-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';

/** arm64 has at most 52 bits of physical addresses. Below that, frame numbers and addresses are exact as `number`. */
const PHYSICAL_LIMIT = 1n << 52n;

/** How much memory is read at once, in bytes. */
export const MAX_READ_BYTES = 1 << 18;

/** The memory of a dump as page frames. */
export interface SavedMemory {
  readonly memory: DumpMemory;
  /** In bytes. */
  readonly pageSize: number;
  /** What the file contains: disjoint, lowest first, in bytes. */
  readonly ranges: readonly Extent[];
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
 * @throws KexecError: `EOPNOTSUPP`, check `dump-save`, for a compressed dump; `EINVAL` for addresses of more than 52
 *   bits, and for PT_LOADs that share bytes of the file, which could be saved to more than the size of the file.
 */
export function findSavedMemory(
  { format, memory, loads, addressSpace }: Vmcore,
  fileSize: bigint,
): SavedMemory {
  if (format !== 'ELF')
    refuse(
      'dump-save',
      'EOPNOTSUPP',
      'the dump is already compressed; makedumpfile can filter it further: makedumpfile -d 31 DUMP NEW',
    );
  for (const { physicalAddress, memorySize } of loads) {
    const end = physicalAddress + memorySize;
    if (end > PHYSICAL_LIMIT)
      refuse('dump-save', 'EINVAL', `the dump has memory up to ${hex(end)}, which exceeds 52 bits`);
  }
  const pageSize = addressSpace?.pageSize ?? 4096;
  const ranges: Extent[] = [];
  let total = 0n;
  for (const { start, present } of memory.ranges()) {
    total += present;
    if (present > 0n) ranges.push({ start: Number(start), end: Number(start + present) });
  }
  if (total > fileSize) {
    const seen = `the dump's PT_LOADs have ${formatBytes(total)} of memory, but the file has ${formatBytes(fileSize)}`;
    refuse('dump-save', 'EINVAL', seen);
  }
  return {
    memory,
    pageSize,
    ranges,
    frames: Math.ceil((ranges.at(-1)?.end ?? 0) / pageSize),
    total: Number(total),
    buffer: new Uint8Array(MAX_READ_BYTES + 2 * pageSize),
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
 * @returns at most {@link MAX_READ_BYTES} and two pages, which are valid until the next call
 */
export function readFrames(saved: SavedMemory, start: number, end: number): Uint8Array {
  const { memory, pageSize, ranges } = saved;
  const from = start * pageSize;
  const to = end * pageSize;
  const bytes = saved.buffer.subarray(0, to - from);
  const first = findFirstIndex(ranges.length, (index) => (ranges[index] as Extent).end > from);
  const whole = ranges[first];
  if (whole === undefined || whole.start > from || to > whole.end) bytes.fill(0);
  for (let index = first; index < ranges.length; index += 1) {
    const range = ranges[index] as Extent;
    if (range.start >= to) break;
    const at = Math.max(range.start, from);
    readInto(memory, at, bytes.subarray(at - from, Math.min(range.end, to) - from));
  }
  return bytes;
}

function readInto(memory: DumpMemory, address: number, into: Uint8Array): void {
  if (memory.readInto === undefined) into.set(memory.read(BigInt(address), into.length));
  else memory.readInto(BigInt(address), into);
}

/** Whether a page of {@link readFrames}, whose offset and length are multiples of 4, holds only zeros. */
export function isZeroPage(page: Uint8Array): boolean {
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4);
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0) return false;
  return true;
}
