import type { LeftOut } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import type { FrameMarker } from './kept-frames.js';
import { KIND_KEPT, KIND_OFFLINE, KIND_POISONED } from './page-kinds.js';
import type { Extent } from './saved-memory.js';

/** Page frames that are processed together: a multiple of the largest block of free pages. */
export const WINDOW_FRAMES = 1 << 15;

/** Page frames of one aligned window of {@link WINDOW_FRAMES}, from the first to the last that is in the dump. */
export interface FrameWindow {
  /** A multiple of 8. */
  readonly first: number;
  /** 1 for each frame of which any byte is in the dump. */
  readonly present: Uint8Array;
  /** The kind of each frame that may be left out: {@link FrameMarker}. As many as there are in {@link present}. */
  readonly kinds: Uint8Array;
}

/** The memory of a walk through windows, which a caller with many walks reuses. */
export class WindowBuffers {
  readonly present = new Uint8Array(WINDOW_FRAMES);
  readonly kinds = new Uint8Array(WINDOW_FRAMES);
}

/**
 * Walks through page frames, window by window, lowest first. The arrays are reused for the next window.
 *
 * @param ranges - disjoint, lowest first
 * @param marker - marks what pages were used for; undefined if the filter does not need it
 */
export function* walkFrameWindows(
  pageSize: number,
  ranges: readonly Extent[],
  marker: FrameMarker | undefined,
  buffers = new WindowBuffers(),
): Generator<FrameWindow> {
  const windowOf = (address: number): number => Math.floor(address / pageSize / WINDOW_FRAMES);
  for (let index = 0, next = 0; index < ranges.length; ) {
    const number = Math.max(next, windowOf((ranges[index] as Extent).start));
    const first = number * WINDOW_FRAMES;
    let low = WINDOW_FRAMES;
    let high = 0;
    buffers.present.fill(0);
    buffers.kinds.fill(KIND_KEPT);
    for (; index < ranges.length; index += 1) {
      const { start, end } = ranges[index] as Extent;
      if (windowOf(start) > number) break;
      const from = Math.max(Math.floor(start / pageSize) - first, 0);
      low = Math.min(low, from);
      high = Math.min(Math.ceil(end / pageSize) - first, WINDOW_FRAMES);
      buffers.present.fill(1, from, high);
      if (windowOf(end - 1) > number) break;
    }
    marker?.mark(first, buffers.kinds, buffers.present);
    low -= low % 8;
    yield {
      first: first + low,
      present: buffers.present.subarray(low, high),
      kinds: buffers.kinds.subarray(low, high),
    };
    next = number + 1;
  }
}

/** Finds the runs of page frames that are kept: half-open, and at most `maxFrames` long. */
export function* findKeptRuns(
  { first, present, kinds }: FrameWindow,
  maxFrames: number,
): Generator<{ readonly start: number; readonly end: number }> {
  const isKept = (index: number): boolean => present[index] === 1 && kinds[index] === KIND_KEPT;
  for (let start = 0; start < present.length; start += 1) {
    if (!isKept(start)) continue;
    const limit = Math.min(start + maxFrames, present.length);
    let end = start + 1;
    while (end < limit && isKept(end)) end += 1;
    yield { start: first + start, end: first + end };
    start = end - 1;
  }
}

/** Counts pages that are left out, by kind. */
export class LeftOutCounts {
  readonly #counts = new Map<number, number>();
  /** By kind, which is a byte. */
  readonly #windowCounts = new Uint32Array(256);

  add(kind: number, pages = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + pages);
  }

  addWindow({ present, kinds }: FrameWindow): void {
    const counts = this.#windowCounts.fill(0);
    for (let index = 0; index < present.length; index += 1) {
      const kind = kinds[index] ?? KIND_KEPT;
      if (present[index] === 1) counts[kind] = (counts[kind] ?? 0) + 1;
    }
    for (const [kind, pages] of counts.entries()) if (kind !== KIND_KEPT && pages > 0) this.add(kind, pages);
  }

  get all(): LeftOut {
    const count = (kind: number): number => this.#counts.get(kind) ?? 0;
    return {
      zero: count(FILTER_LEVELS.zero),
      cache: count(FILTER_LEVELS.cache),
      'cache-private': count(FILTER_LEVELS['cache-private']),
      user: count(FILTER_LEVELS.user),
      free: count(FILTER_LEVELS.free),
      poisoned: count(KIND_POISONED),
      offline: count(KIND_OFFLINE),
    };
  }
}
