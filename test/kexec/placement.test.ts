import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, intersection, overlaps, type Range, size } from '../../src/base/range.js';
import { FreeMemory } from '../../src/kexec/free-memory.js';
import { findHole, type HoleRequest, type HoleSearch } from '../../src/kexec/placement.js';
import { touchingRanges } from '../support/touching-ranges.js';

const PAGE = 4096n;
/** The size of the small address space of the properties, in pages. */
const PAGES = 96;

const pageRange = fc
  .tuple(fc.integer({ min: 0, max: PAGES }), fc.integer({ min: 1, max: 24 }))
  .map(([start, pages]): Range => ({ start: BigInt(start) * PAGE, end: BigInt(start + pages) * PAGE }));

/** Free memory begins and ends at any byte: memblock reserves bytes, not pages. */
const freeMemory = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 3 * 4096 }),
      size: fc.integer({ min: 1, max: 32 * 4096 }),
    }),
    { maxLength: 6 },
  )
  .map((pieces) => {
    let at = 0n;
    return pieces.map(({ gap, size }): Range => {
      const start = at + BigInt(gap);
      at = start + BigInt(size);
      return { start, end: at };
    });
  });

const alignment = fc.constantFrom(1n, 2n, 4n, 16n).map((pages) => pages * PAGE);
const direction = fc.constantFrom('bottom-up', 'top-down') satisfies fc.Arbitrary<HoleRequest['direction']>;

const request = fc.record({
  size: fc.integer({ min: 1, max: 12 }).map((pages) => BigInt(pages) * PAGE),
  alignment,
  window: pageRange,
  direction,
});

/** Tries every aligned address of every free range, in the order of the search. */
function searchNaively(free: readonly Range[], taken: readonly Range[], wanted: HoleRequest): HoleSearch {
  const tried: HoleSearch['tried'][number][] = [];
  for (const range of wanted.direction === 'bottom-up' ? free : free.toReversed()) {
    const places = alignedPlaces(wanted).filter(
      (place) => contains(range, place) && contains(wanted.window, place),
    );
    const fits = places.filter((place) => !taken.some((segment) => overlaps(segment, place)));
    const found = wanted.direction === 'bottom-up' ? fits[0] : fits.at(-1);
    if (found !== undefined) return { start: found.start, tried };
    const reason = places.length > 0 ? 'segments in the way' : 'no place in the window';
    const isOutside = intersection(range, wanted.window) === undefined;
    tried.push({
      range,
      why: size(range) < wanted.size ? 'too small' : isOutside ? 'outside the window' : reason,
    });
  }
  return { tried };
}

function alignedPlaces(wanted: HoleRequest): Range[] {
  const count = Number((BigInt(2 * PAGES) * PAGE) / wanted.alignment);
  return Array.from({ length: count }, (_, index) => {
    const start = BigInt(index) * wanted.alignment;
    return { start, end: start + wanted.size };
  });
}

describe('FreeMemory', () => {
  it('finds the place that a search of all ranges finds, also when it is asked again', () => {
    fc.assert(
      fc.property(
        freeMemory,
        fc.array(pageRange, { maxLength: 3 }),
        fc.array(request),
        (free, taken, all) => {
          const memory = new FreeMemory(free);
          for (const wanted of [...all, ...all]) {
            const search = findHole(free, taken, wanted);
            expect(memory.findStart(taken, wanted)).toBe(search.start);
            if (search.start === undefined) expect(memory.explain(taken, wanted)).toEqual(search.tried);
          }
        },
      ),
    );
  });
});

describe('findHole', () => {
  it('finds the lowest or highest place that is free, aligned, in the window and apart from other segments', () => {
    fc.assert(
      fc.property(freeMemory, fc.array(pageRange, { maxLength: 4 }), request, (free, taken, wanted) => {
        expect(findHole(free, taken, wanted)).toEqual(searchNaively(free, taken, wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it('finds places that fit exactly', () => {
    fc.assert(
      fc.property(touchingRanges(24, PAGE), alignment, direction, (ranges, alignment, direction) => {
        const { free, taken } = ranges;
        const wanted = { size: ranges.size, window: ranges.window, alignment, direction };
        expect(findHole(free, taken, wanted)).toEqual(searchNaively(free, taken, wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it('says why it did not choose each range', () => {
    const free = [
      { start: 0x1000n, end: 0x2000n },
      { start: 0x10000n, end: 0x20000n },
      { start: 0x21000n, end: 0x23000n },
      { start: 0x40000n, end: 0x50000n },
    ];
    const search = findHole(free, [{ start: 0x10000n, end: 0x20000n }], {
      size: 0x2000n,
      alignment: 0x2000n,
      window: { start: 0n, end: 0x40000n },
      direction: 'bottom-up',
    });
    expect(search.start).toBeUndefined();
    expect(search.tried.map(({ why }) => why)).toEqual([
      'too small',
      'segments in the way',
      'no place in the window',
      'outside the window',
    ]);
  });
});
