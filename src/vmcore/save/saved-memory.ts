import { findFirstIndex } from '../../base/bisect.js';
import { refuse } from '../../base/error.js';
import type { Range } from '../../base/range.js';
import { hex } from '../../base/u64.js';
import type { DumpMemory } from '../open/dump-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';

/** What arm64 has at most: 52 bits. Numbers of frames and addresses below it are exact as `number`. */
const PHYSICAL_LIMIT = 1n << 52n;

/** Read at once, in bytes. */
export const READ_AT_ONCE = 1 << 18;

/** The memory of a dump as page frames. */
export interface SavedMemory {
  readonly memory: DumpMemory;
  /** In bytes. */
  readonly pageSize: number;
  /** What is in the file: disjoint, lowest first, in bytes. */
  readonly ranges: readonly Extent[];
  /** Page frames are below it. */
  readonly frames: number;
  /** In bytes: of all ranges. */
  readonly total: number;
  /** What is read goes here, again and again. */
  readonly buffer: Uint8Array;
}

/** Half-open, in bytes, below 2^52. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * The memory that a dump has, to be saved.
 *
 * @throws KexecError: `EOPNOTSUPP`, check `dump-save`, for a compressed dump; `EINVAL` for addresses beyond 52 bits, and
 *   for ranges that share bytes of the file, which could be more than any file has.
 */
export function findSavedMemory(
  { format, memory, loads, addressSpace }: Vmcore,
  fileSize: bigint,
): SavedMemory {
  if (format !== 'ELF') {
    refuse(
      'dump-save',
      'EOPNOTSUPP',
      'the dump is a compressed one already; makedumpfile turns one into another: makedumpfile -d 31 DUMP NEW',
    );
  }
  const pageSize = addressSpace?.pageSize ?? 4096;
  const ranges: Extent[] = [];
  let total = 0n;
  for (const { physicalAddress, memorySize } of loads) {
    const end = physicalAddress + memorySize;
    if (end > PHYSICAL_LIMIT)
      refuse('dump-save', 'EINVAL', `the dump has memory up to ${hex(end)}: more than 52 bits`);
  }
  for (const { start, present } of memory.ranges()) {
    total += present;
    if (present > 0n) ranges.push({ start: Number(start), end: Number(start + present) });
  }
  if (total > fileSize)
    refuse(
      'dump-save',
      'EINVAL',
      `the dump's PT_LOADs have ${hex(total)} bytes of memory, and the file has ${hex(fileSize)}`,
    );
  const frames = Math.ceil((ranges.at(-1)?.end ?? 0) / pageSize);
  return {
    memory,
    pageSize,
    ranges,
    frames,
    total: Number(total),
    buffer: new Uint8Array(READ_AT_ONCE + 2 * pageSize),
  };
}

/** The parts of a range of memory that are in the file. */
export function findPresentParts({ ranges }: SavedMemory, { start, end }: Range): Extent[] {
  return ranges
    .map((range) => ({ start: Math.max(range.start, Number(start)), end: Math.min(range.end, Number(end)) }))
    .filter((part) => part.start < part.end);
}

/**
 * The bytes of page frames that are present; what of a frame is not in the dump is zero. At most {@link READ_AT_ONCE}
 * and two pages; they are there until the next call.
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

/** Whether a page is zeros only: one of {@link readFrames}, whose length is a multiple of 4, as its place is. */
export function isZeroPage(page: Uint8Array): boolean {
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4);
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0) return false;
  return true;
}
