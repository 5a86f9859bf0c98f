import { drawBelow, type RandomSource } from '../base/random.js';
import { intersection, type Range, subtract } from '../base/range.js';
import { alignDown, alignUp, maximum, minimum } from '../base/u64.js';

/** The places that a segment may have. Sizes, alignments and boundaries are whole pages. */
export interface PlaceRequest {
  readonly size: bigint;
  readonly alignment: bigint;
  /** The segment lies within this window. */
  readonly window: Range;
  /** The segment does not cross a multiple of this, and is no larger. */
  readonly boundary?: bigint | undefined;
}

/** A place that was drawn, and the number of places that it was drawn from. */
export interface DrawnPlace {
  readonly start: bigint;
  readonly places: bigint;
}

/** Places at equal distances, in blocks at equal distances. */
interface Places {
  readonly first: bigint;
  readonly inBlock: bigint;
  readonly apart: bigint;
  readonly blocks: bigint;
  readonly blocksApart: bigint;
}

/**
 * Draws a place for a segment. All aligned addresses inside a free range and the window, apart from earlier segments,
 * are equally likely.
 *
 * @returns undefined if there is none
 */
export function drawPlace(
  free: readonly Range[],
  taken: readonly Range[],
  request: PlaceRequest,
  random: RandomSource,
): DrawnPlace | undefined {
  const all = free
    .flatMap((range) => intersection(range, request.window) ?? [])
    .flatMap((range) => subtract([range], taken))
    .flatMap((range) => findPlaces(range, request));
  const count = all.reduce((sum, places) => sum + countPlaces(places), 0n);
  if (count === 0n) return undefined;
  let index = drawBelow(count, random);
  for (const places of all) {
    if (index < countPlaces(places)) return { start: findPlace(places, index), places: count };
    index -= countPlaces(places);
  }
  return undefined;
}

/** The places in a range; if there is a boundary, in the parts into which it cuts the range. */
function findPlaces(range: Range, { size, alignment, boundary }: PlaceRequest): Places[] {
  if (boundary === undefined) return findPlacesBetween(range, size, alignment);
  const from = minimum(alignUp(range.start, boundary), range.end);
  const to = maximum(alignDown(range.end, boundary), from);
  const whole = findPlacesBetween({ start: from, end: minimum(from + boundary, to) }, size, alignment);
  return [
    ...findPlacesBetween({ start: range.start, end: from }, size, alignment),
    ...whole.map((places) => ({ ...places, blocks: (to - from) / boundary, blocksApart: boundary })),
    ...findPlacesBetween({ start: to, end: range.end }, size, alignment),
  ];
}

function findPlacesBetween({ start, end }: Range, size: bigint, alignment: bigint): Places[] {
  const first = alignUp(start, alignment);
  if (first + size > end) return [];
  const inBlock = (end - size - first) / alignment + 1n;
  return [{ first, inBlock, apart: alignment, blocks: 1n, blocksApart: 0n }];
}

function countPlaces({ inBlock, blocks }: Places): bigint {
  return inBlock * blocks;
}

function findPlace({ first, inBlock, apart, blocksApart }: Places, index: bigint): bigint {
  return first + (index / inBlock) * blocksApart + (index % inBlock) * apart;
}
