import { findFirstIndex } from '../base/bisect.js';
import { BoundedMap } from '../base/bounded-map.js';
import { type Range, size } from '../base/range.js';
import type { TriedHole } from '../base/trail.js';
import { alignUp, hex, isPowerOfTwo, maximum } from '../base/u64.js';
import { findHole, type HoleRequest, placeIn, tryRanges } from './placement.js';

/** Size and alignment of a segment. */
export type Shape = Pick<HoleRequest, 'size' | 'alignment'>;

/** A load asks for a few shapes, again and again while the kernel moves up. */
const MAX_SHAPES = 16;

/** Memory in which places for segments are searched. */
export interface SearchedMemory {
  /** The check that a search ends in. */
  readonly check: 'segment-hole' | 'kho-hole';
  readonly ranges: readonly Range[];
  /** The size of the largest range in bytes; 0 if there is none. */
  readonly largest: bigint;
  /** The ranges that have room for a segment of this size and alignment, while nothing else is in them. */
  findRoomy(shape: Shape): readonly Range[];
  /** The address of the first place. @returns undefined if there is none */
  findStart(taken: readonly Range[], request: HoleRequest): bigint | undefined;
  /** Why each range has no place for a segment that {@link findStart} finds none for. */
  explain(taken: readonly Range[], request: HoleRequest): readonly TriedHole[];
  /** Says in a clause how much there is. */
  describe(): string;
}

/** The size of the largest range in bytes; 0 if there is none. */
export function findLargest(ranges: readonly Range[]): bigint {
  return ranges.reduce((largest, range) => maximum(largest, size(range)), 0n);
}

/** Whether an empty range may have room for a segment: with a power of two as alignment, it has. */
export function hasRoom({ start, end }: Range, { size: wanted, alignment }: Shape): boolean {
  const first = isPowerOfTwo(alignment) ? alignUp(start, alignment) : start;
  return first + wanted <= end;
}

/**
 * The free ranges where segments may lie. A machine may have tens of thousands, and the kernel may move up as often, so each
 * search looks only at ranges that have room.
 */
export class FreeMemory implements SearchedMemory {
  readonly check = 'segment-hole';
  /** Lowest first, without overlaps. */
  readonly ranges: readonly Range[];
  readonly #roomy = new BoundedMap<string, readonly Range[]>(MAX_SHAPES);
  readonly #isAscending: boolean;
  #largest: bigint | undefined;

  /**
   * @param ranges - lowest first, without overlaps
   * @param isAscending - whether each search begins in the lowest range, also one for the highest place. Default: no
   */
  constructor(ranges: readonly Range[], isAscending = false) {
    this.ranges = ranges;
    this.#isAscending = isAscending;
  }

  get largest(): bigint {
    this.#largest ??= findLargest(this.ranges);
    return this.#largest;
  }

  describe(): string {
    if (this.ranges.length === 0) return 'no memory is free';
    return `the largest of ${this.ranges.length} free ranges has ${hex(this.largest)}`;
  }

  findRoomy(shape: Shape): readonly Range[] {
    const key = `${shape.size} ${shape.alignment}`;
    const known = this.#roomy.get(key);
    if (known !== undefined) return known;
    const roomy = this.ranges.filter((range) => hasRoom(range, shape));
    this.#roomy.set(key, roomy);
    return roomy;
  }

  /** The address that {@link findHole} finds. @returns undefined if there is none */
  findStart(taken: readonly Range[], request: HoleRequest): bigint | undefined {
    const roomy = this.findRoomy(request);
    const { window, direction } = request;
    const first = findFirstIndex(roomy.length, (index) => (roomy[index] as Range).end > window.start);
    const end = findFirstIndex(roomy.length, (index) => (roomy[index] as Range).start >= window.end);
    for (let step = 0; step < end - first; step += 1) {
      const isUpwards = direction === 'bottom-up' || this.#isAscending;
      const index = isUpwards ? first + step : end - 1 - step;
      const found = placeIn(roomy[index] as Range, taken, request);
      if (typeof found === 'bigint') return found;
    }
    return undefined;
  }

  explain(taken: readonly Range[], request: HoleRequest): readonly TriedHole[] {
    return (this.#isAscending ? tryRanges : findHole)(this.ranges, taken, request).tried;
  }
}
