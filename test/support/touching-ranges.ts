/**
 * Ranges whose ends meet: for properties in which `<` and `<=` differ only if a range has exactly the size that is
 * asked for, or begins exactly where another ends.
 */
import fc from 'fast-check';
import type { Range } from '../../src/base/range.js';

/** Free and taken ranges, and a window, whose ends come from the same few numbers. */
export interface TouchingRanges {
  /** Apart from each other, lowest first. Neighbours may touch. */
  readonly free: readonly Range[];
  /** In any order; they may overlap and be empty. */
  readonly taken: readonly Range[];
  readonly window: Range;
  /** The size of a free range, or the distance of two ends: more than 0. */
  readonly size: bigint;
}

/**
 * Generates ranges between few ends, so that exact fits are frequent.
 *
 * @param limit - the largest end, in units
 * @param unit - in bytes: every end and every size is a multiple of it
 */
export function touchingRanges(limit: number, unit = 1n): fc.Arbitrary<TouchingRanges> {
  return fc.uniqueArray(fc.nat(limit), { minLength: 2, maxLength: 8 }).chain((numbers) => {
    const ends = numbers.toSorted((a, b) => a - b).map((end) => BigInt(end) * unit);
    const between = fc
      .tuple(fc.constantFrom(...ends), fc.constantFrom(...ends))
      .map(([a, b]): Range => (a < b ? { start: a, end: b } : { start: b, end: a }));
    const neighbours = ends.slice(1).map((end, index): Range => ({ start: ends[index] as bigint, end }));
    return fc.record({
      free: fc.subarray(neighbours),
      taken: fc.array(between, { maxLength: 3 }),
      window: between,
      size: between.map(({ start, end }) => (start === end ? unit : end - start)),
    });
  });
}
