import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, overlaps, type Range } from '../../src/base/range.js';
import { drawPlace, type PlaceRequest } from '../../src/kexec/random-place.js';
import { touchingRanges } from '../support/touching-ranges.js';

/** The size of a small address space, in which every place can be tried. */
const LIMIT = 96;

const range = fc
  .tuple(fc.nat(LIMIT), fc.nat(LIMIT))
  .map(([a, b]): Range => ({ start: BigInt(Math.min(a, b)), end: BigInt(Math.max(a, b)) }));

/** Ranges apart from each other, lowest first, like free memory. */
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

/** Requests whose ranges touch. A segment is no larger than its boundary. */
const exactRequest = fc.record({
  ranges: touchingRanges(LIMIT),
  alignment: fc.constantFrom(1n, 2n, 4n, 16n),
  boundary: fc.constantFrom(undefined, 16n, 32n),
});

/** Whether a segment may begin at an address, by the words of the request. */
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
    free.some((range) => contains(range, segment)) &&
    !taken.some((range) => overlaps(range, segment)) &&
    (boundary === undefined || start / boundary === (segment.end - 1n) / boundary)
  );
}

/** A random source that makes `drawPlace` draw a number below 256. */
const drawing = (index: number) => (length: number) => new Uint8Array(length).fill(index, length - 1);

function expectEveryPlace(free: readonly Range[], taken: readonly Range[], asked: PlaceRequest): void {
  const wanted = Array.from({ length: LIMIT }, (_, at) => BigInt(at)).filter((start) =>
    isPlace(start, free, taken, asked),
  );
  const count = drawPlace(free, taken, asked, drawing(0))?.places ?? 0n;
  expect(count).toBe(BigInt(wanted.length));
  const drawn = wanted.map((_, index) => drawPlace(free, taken, asked, drawing(index))?.start);
  expect(drawn).toEqual(wanted);
}

describe('drawPlace', () => {
  it('draws every possible place, each by one number', () => {
    fc.assert(fc.property(ranges, ranges, request, expectEveryPlace), { numRuns: 1000 });
  });

  it('draws places that fit exactly', () => {
    fc.assert(
      fc.property(exactRequest, ({ ranges, alignment, boundary }) => {
        const { free, taken, window } = ranges;
        const size = boundary !== undefined && ranges.size > boundary ? boundary : ranges.size;
        expectEveryPlace(free, taken, { size, alignment, window, boundary });
      }),
      { numRuns: 1000 },
    );
  });

  it('counts places in memory of any size', () => {
    const whole = { start: 0n, end: 1n << 48n };
    const asked = { size: 4096n, alignment: 4096n, window: whole };
    expect(drawPlace([whole], [], asked, drawing(0))?.places).toBe(1n << 36n);
    const bounded = { ...asked, size: 8192n, boundary: 2n << 20n };
    expect(drawPlace([whole], [], bounded, drawing(0))?.places).toBe((1n << 27n) * 511n);
  });
});
