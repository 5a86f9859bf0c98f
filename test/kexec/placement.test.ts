import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, overlaps, type Range } from '../../src/base/range.js';
import { findHole, type HoleRequest } from '../../src/kexec/placement.js';

const PAGE = 4096n;
/** Pages in the little address space of the properties. */
const PAGES = 96;

const pageRange = fc
  .tuple(fc.integer({ min: 0, max: PAGES }), fc.integer({ min: 1, max: 24 }))
  .map(([start, pages]): Range => ({ start: BigInt(start) * PAGE, end: BigInt(start + pages) * PAGE }));

/** Free memory does not begin or end on pages: memblock reserves bytes. */
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

const request = fc.record({
  size: fc.integer({ min: 1, max: 12 }).map((pages) => BigInt(pages) * PAGE),
  alignment: fc.constantFrom(1n, 2n, 4n, 16n).map((pages) => pages * PAGE),
  window: pageRange,
  direction: fc.constantFrom('bottom-up', 'top-down') satisfies fc.Arbitrary<HoleRequest['direction']>,
});

/** Looks at every aligned address there is. */
function findNaively(
  free: readonly Range[],
  taken: readonly Range[],
  wanted: HoleRequest,
): bigint | undefined {
  const fits: bigint[] = [];
  for (let start = 0n; start < BigInt(2 * PAGES) * PAGE; start += wanted.alignment) {
    const place = { start, end: start + wanted.size };
    const isFree = free.some((range) => contains(range, place)) && contains(wanted.window, place);
    if (isFree && !taken.some((segment) => overlaps(segment, place))) fits.push(start);
  }
  return wanted.direction === 'bottom-up' ? fits[0] : fits.at(-1);
}

describe('findHole', () => {
  it('finds the lowest or highest place that is free, aligned, in the window and apart from other segments', () => {
    fc.assert(
      fc.property(freeMemory, fc.array(pageRange, { maxLength: 4 }), request, (free, taken, wanted) => {
        expect(findHole(free, taken, wanted).start).toBe(findNaively(free, taken, wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it('says of every range why it would not do', () => {
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
