import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, overlaps, type Range } from '../../src/base/range.js';
import { drawPlace, type PlaceRequest } from '../../src/kexec/random-place.js';

/** A small address space, in which every place can be tried. */
const LIMIT = 96;

const range = fc
  .tuple(fc.nat(LIMIT), fc.nat(LIMIT))
  .map(([a, b]): Range => ({ start: BigInt(Math.min(a, b)), end: BigInt(Math.max(a, b)) }));

/** Ranges apart from each other, lowest first, as free memory is. */
const ranges = fc.uniqueArray(fc.nat(LIMIT), { maxLength: 8 }).map((ends) => {
  const sorted = ends.toSorted((a, b) => a - b).map(BigInt);
  return sorted.flatMap((start, index): Range[] => {
    const end = sorted[index + 1];
    return index % 2 === 0 && end !== undefined ? [{ start, end }] : [];
  });
});

const request = fc.record({
  size: fc.integer({ min: 1, max: 12 }).map(BigInt),
  alignment: fc.constantFrom(1n, 2n, 4n, 16n),
  window: range,
  boundary: fc.constantFrom(undefined, 16n, 32n),
});

/** Whether a segment may begin there, by nothing but what is asked. */
function isPlace(
  start: bigint,
  free: readonly Range[],
  taken: readonly Range[],
  asked: PlaceRequest,
): boolean {
  const { size, alignment, window, boundary } = asked;
  const segment = { start, end: start + size };
  return (
    start % alignment === 0n &&
    contains(window, segment) &&
    free.some((one) => contains(one, segment)) &&
    !taken.some((one) => overlaps(one, segment)) &&
    (boundary === undefined || start / boundary === (segment.end - 1n) / boundary)
  );
}

/** Randomness that has a number drawn that is known: a byte is enough here. */
const giving = (index: number) => (length: number) => new Uint8Array(length).fill(index, length - 1);

describe('drawPlace', () => {
  it('draws every place that there is, each by one number', () => {
    fc.assert(
      fc.property(ranges, ranges, request, (free, taken, asked) => {
        const wanted = Array.from({ length: LIMIT }, (_, at) => BigInt(at)).filter((start) =>
          isPlace(start, free, taken, asked),
        );
        const count = drawPlace(free, taken, asked, giving(0))?.places ?? 0n;
        expect(count).toBe(BigInt(wanted.length));
        const drawn = wanted.map((_, index) => drawPlace(free, taken, asked, giving(index))?.start);
        expect(drawn).toEqual(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  it('counts places in memory of any size', () => {
    const whole = { start: 0n, end: 1n << 48n };
    const asked = { size: 4096n, alignment: 4096n, window: whole };
    expect(drawPlace([whole], [], asked, giving(0))?.places).toBe(1n << 36n);
    const bounded = { ...asked, size: 8192n, boundary: 2n << 20n };
    expect(drawPlace([whole], [], bounded, giving(0))?.places).toBe((1n << 27n) * 511n);
  });
});
