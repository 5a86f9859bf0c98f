import { overlaps, type Range, size } from '../base/range.js';
import type { TriedHole } from '../base/trail.js';
import { alignUp, isPowerOfTwo, maskDown, maximum, minimum } from '../base/u64.js';

/** The pages of x86_64, in which the kernel steps past a segment in the way. */
const PAGE_SIZE = 4096n;

/** The places that a segment may have. Sizes are whole pages. */
export interface HoleRequest {
  readonly size: bigint;
  /** A power of two. Of a kernel whose header has another number, addresses are masked by it, as the kernel does. */
  readonly alignment: bigint;
  /** The segment lies within this window. */
  readonly window: Range;
  /** `bottom-up` takes the lowest place, `top-down` the highest. */
  readonly direction: 'bottom-up' | 'top-down';
}

export interface HoleSearch {
  /** The address found; absent if no range has a place. */
  readonly start?: bigint;
  /** The ranges without a place, in the order in which they were tried. */
  readonly tried: readonly TriedHole[];
}

/**
 * Finds a place for a segment in free memory: the lowest or highest aligned address inside one free range and the
 * window that no earlier segment takes. Ranges are tried lowest first, or highest first when searching top-down.
 *
 * Kernel functions `kexec_locate_mem_hole()`, `locate_mem_hole_bottom_up()` and `locate_mem_hole_top_down()`.
 * Those step page by page past a segment in the way; if the alignment is a power of two, going straight to its far end
 * finds the same address.
 */
export function findHole(free: readonly Range[], taken: readonly Range[], request: HoleRequest): HoleSearch {
  return tryRanges(request.direction === 'bottom-up' ? free : free.toReversed(), taken, request);
}

/** Finds a place in the first range that has one. */
export function tryRanges(
  ranges: readonly Range[],
  taken: readonly Range[],
  request: HoleRequest,
): HoleSearch {
  const tried: TriedHole[] = [];
  for (const range of ranges) {
    const found = placeIn(range, taken, request);
    if (typeof found === 'bigint') return { start: found, tried };
    tried.push({ range, why: found });
  }
  return { tried };
}

/** Finds a place in one range. @returns why there is none, if there is none */
export function placeIn(
  range: Range,
  taken: readonly Range[],
  request: HoleRequest,
): bigint | TriedHole['why'] {
  const { window, size: wanted } = request;
  if (size(range) < wanted) return 'too small';
  const lowest = maximum(range.start, window.start);
  const highest = minimum(range.end, window.end);
  if (lowest >= highest) return 'outside the window';
  return request.direction === 'bottom-up'
    ? placeBottomUp(lowest, highest, taken, request)
    : placeTopDown(lowest, highest, taken, request);
}

function placeBottomUp(
  lowest: bigint,
  highest: bigint,
  taken: readonly Range[],
  { size: wanted, alignment }: HoleRequest,
): bigint | TriedHole['why'] {
  let start = alignUp(lowest, alignment);
  let clashed = false;
  while (start + wanted <= highest) {
    const candidate = { start, end: start + wanted };
    const clash = taken.find((segment) => overlaps(segment, candidate));
    if (clash === undefined) return start;
    start = alignUp(clash.end, alignment);
    clashed = true;
  }
  return clashed ? 'segments in the way' : 'no place in the window';
}

function placeTopDown(
  lowest: bigint,
  highest: bigint,
  taken: readonly Range[],
  { size: wanted, alignment }: HoleRequest,
): bigint | TriedHole['why'] {
  const jumps = isPowerOfTwo(alignment);
  let limit = highest;
  let clashed = false;
  while (limit - wanted >= lowest) {
    const start = maskDown(limit - wanted, alignment);
    if (start < lowest) break;
    const candidate = { start, end: start + wanted };
    const clash = taken.find((segment) => overlaps(segment, candidate));
    if (clash === undefined) return start;
    limit = jumps ? clash.start : start + wanted - PAGE_SIZE;
    clashed = true;
  }
  return clashed ? 'segments in the way' : 'no place in the window';
}
