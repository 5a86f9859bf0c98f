import { KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { Range } from '../../memory/range.js';
import type { LeftOut } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import type { DumpMemory } from './memory.js';
import { KEPT, OFFLINE, type PageKinds, POISONED } from './page-kinds.js';
import type { Vmcore } from './vmcore.js';

/** Page frames that are looked at together: a multiple of the largest block of free pages. */
export const WINDOW = 1 << 15;

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

/** Page frames of one aligned {@link WINDOW}. */
export interface FrameWindow {
  readonly first: number;
  /** 1 for each frame of which any byte is in the dump. */
  readonly present: Uint8Array;
  /** What may be left out, by its kind: {@link PageKinds}. */
  readonly kinds: Uint8Array;
}

/**
 * The memory that a dump has, to be saved.
 *
 * @throws KexecError: `EOPNOTSUPP`, check `dump-save`, for a compressed dump; `EINVAL` for addresses beyond 52 bits, and
 *   for ranges that share bytes of the file, which could be more than any file has.
 */
export function savedMemory({ format, memory, loads, addressSpace }: Vmcore, fileSize: bigint): SavedMemory {
  if (format !== 'ELF') {
    const seen =
      'the dump is a compressed one already; makedumpfile turns one into another: makedumpfile -d 31 DUMP NEW';
    throw new KexecError({ check: 'dump-save', errno: 'EOPNOTSUPP', seen });
  }
  const pageSize = addressSpace?.pageSize ?? 4096;
  const ranges: Extent[] = [];
  let total = 0n;
  for (const { physicalAddress, memorySize } of loads) {
    const end = physicalAddress + memorySize;
    if (end > PHYSICAL_LIMIT) refuse(`the dump has memory up to ${hex(end)}: more than 52 bits`);
  }
  for (const { start, present } of memory.ranges()) {
    total += present;
    if (present > 0n) ranges.push({ start: Number(start), end: Number(start + present) });
  }
  if (total > fileSize)
    refuse(`the dump's PT_LOADs have ${hex(total)} bytes of memory, and the file has ${hex(fileSize)}`);
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
export function presentIn({ ranges }: SavedMemory, { start, end }: Range): Extent[] {
  return ranges
    .map((range) => ({ start: Math.max(range.start, Number(start)), end: Math.min(range.end, Number(end)) }))
    .filter((part) => part.start < part.end);
}

/**
 * Goes through page frames, window by window, lowest first. Arrays are used again for the next window.
 *
 * @param ranges - disjoint, lowest first
 * @param kinds - what tells what pages were used for, if that is asked
 */
export function* frameWindows(
  pageSize: number,
  ranges: readonly Extent[],
  kinds: PageKinds | undefined,
): Generator<FrameWindow> {
  const window = { present: new Uint8Array(WINDOW), kinds: new Uint8Array(WINDOW) };
  const windowOf = (address: number): number => Math.floor(address / pageSize / WINDOW);
  for (let index = 0, next = 0; index < ranges.length; ) {
    const number = Math.max(next, windowOf((ranges[index] as Extent).start));
    const first = number * WINDOW;
    window.present.fill(0);
    window.kinds.fill(KEPT);
    for (; index < ranges.length; index += 1) {
      const { start, end } = ranges[index] as Extent;
      if (windowOf(start) > number) break;
      const from = Math.max(Math.floor(start / pageSize) - first, 0);
      window.present.fill(1, from, Math.min(Math.ceil(end / pageSize) - first, WINDOW));
      if (windowOf(end - 1) > number) break;
    }
    kinds?.mark(first, window.kinds, window.present);
    yield { first, ...window };
    next = number + 1;
  }
}

/** A run of page frames that are kept: from the first to that behind the last, and at most so many bytes. */
export function* keptRuns(
  { first, present, kinds }: FrameWindow,
  mostFrames: number,
): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = 0; at < WINDOW; ) {
    const start = present.indexOf(1, at);
    if (start < 0) return;
    let end = start;
    while (end < WINDOW && end - start < mostFrames && present[end] === 1 && kinds[end] === KEPT) end += 1;
    if (end > start) yield { start: first + start, end: first + end };
    at = Math.max(end, start + 1);
  }
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
  const first = firstEndingAfter(ranges, from);
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

/** By bisection. */
function firstEndingAfter(ranges: readonly Extent[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as Extent).end > address) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether a page is zeros only: one of {@link readFrames}, whose length is a multiple of 4, as its place is. */
export function isZero(page: Uint8Array): boolean {
  const words = new Uint32Array(page.buffer, page.byteOffset, page.length / 4);
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0) return false;
  return true;
}

/** Counts pages by what {@link FrameWindow} says of them. */
export class LeftOutCounts {
  readonly #counts = new Map<number, number>();

  add(kind: number, pages = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + pages);
  }

  addWindow({ present, kinds }: FrameWindow): void {
    for (let index = present.indexOf(1); index >= 0; index = present.indexOf(1, index + 1)) {
      const kind = kinds[index] ?? KEPT;
      if (kind !== KEPT) this.add(kind);
    }
  }

  get all(): LeftOut {
    const count = (kind: number): number => this.#counts.get(kind) ?? 0;
    return {
      zero: count(FILTER_LEVELS.zero),
      cache: count(FILTER_LEVELS.cache),
      'cache-private': count(FILTER_LEVELS['cache-private']),
      user: count(FILTER_LEVELS.user),
      free: count(FILTER_LEVELS.free),
      poisoned: count(POISONED),
      offline: count(OFFLINE),
    };
  }
}

function refuse(seen: string): never {
  throw new KexecError({ check: 'dump-save', errno: 'EINVAL', seen });
}
