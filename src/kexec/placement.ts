import { overlaps, type Range, size } from '../base/range.js';
import type { TriedHole } from '../base/trail.js';
import { alignDown, alignUp, maximum, minimum } from '../base/u64.js';

/** The places that a segment may have. Sizes and alignments are whole pages. */
export interface HoleRequest {
  readonly size: bigint;
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
 * Those step page by page past a segment in the way; as everything is page-aligned, going straight to its far end
 * finds the same address.
 */
export function findHole(free: readonly Range[], taken: readonly Range[], request: HoleRequest): HoleSearch {
  const tried: TriedHole[] = [];
  const inOrder = request.direction === 'bottom-up' ? free : free.toReversed();
  for (const range of inOrder) {
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
  let limit = highest;
  let clashed = false;
  while (limit - wanted >= lowest) {
    const start = alignDown(limit - wanted, alignment);
    if (start < lowest) break;
    const candidate = { start, end: start + wanted };
    const clash = taken.find((segment) => overlaps(segment, candidate));
    if (clash === undefined) return start;
    limit = clash.start;
    clashed = true;
  }
  return clashed ? 'segments in the way' : 'no place in the window';
}
