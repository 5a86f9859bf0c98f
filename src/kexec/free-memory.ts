import { findFirstIndex } from '../base/bisect.js';
import { BoundedMap } from '../base/bounded-map.js';
import { type Range, size } from '../base/range.js';
import type { TriedHole } from '../base/trail.js';
import { alignUp, maximum } from '../base/u64.js';
import { findHole, type HoleRequest, placeIn } from './placement.js';

/** Size and alignment of a segment. */
type Shape = Pick<HoleRequest, 'size' | 'alignment'>;

/** A load asks for a few shapes, again and again while the kernel moves up. */
const MAX_SHAPES = 16;

/**
 * The ranges where segments may lie. A machine may have tens of thousands, and the kernel may move up as often, so each
 * search looks only at ranges that have room.
 */
export class FreeMemory {
  /** Lowest first, without overlaps. */
  readonly ranges: readonly Range[];
  readonly #roomy = new BoundedMap<string, readonly Range[]>(MAX_SHAPES);
  #largest: bigint | undefined;

  /** @param ranges - lowest first, without overlaps */
  constructor(ranges: readonly Range[]) {
    this.ranges = ranges;
  }

  /** The size of the largest range in bytes; 0 if there is none. */
  get largest(): bigint {
    this.#largest ??= this.ranges.reduce((largest, range) => maximum(largest, size(range)), 0n);
    return this.#largest;
  }

  /** The ranges that have room for a segment of this size and alignment, while nothing else is in them. */
  findRoomy({ size: wanted, alignment }: Shape): readonly Range[] {
    const key = `${wanted} ${alignment}`;
    const known = this.#roomy.get(key);
    if (known !== undefined) return known;
    const roomy = this.ranges.filter(({ start, end }) => alignUp(start, alignment) + wanted <= end);
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
      const index = direction === 'bottom-up' ? first + step : end - 1 - step;
      const found = placeIn(roomy[index] as Range, taken, request);
      if (typeof found === 'bigint') return found;
    }
    return undefined;
  }

  /** Why each range has no place for a segment that {@link findStart} finds none for. */
  explain(taken: readonly Range[], request: HoleRequest): readonly TriedHole[] {
    return findHole(this.ranges, taken, request).tried;
  }
}
