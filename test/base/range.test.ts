import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contains,
  containsAddress,
  intersect,
  intersection,
  overlaps,
  type Range,
  range,
  rangeOf,
  subtract,
  totalSize,
  union,
} from '../../src/base/range.js';
import { touchingRanges } from '../support/touching-ranges.js';

const SPAN = 64;
const smallRange = fc
  .tuple(fc.integer({ min: 0, max: SPAN }), fc.integer({ min: 0, max: SPAN }))
  .map(([a, b]) => range(BigInt(Math.min(a, b)), BigInt(Math.max(a, b))));
const smallRanges = fc.array(smallRange, { maxLength: 8 });

/** The naive form of ranges: the set of their bytes. */
function bytesOf(ranges: readonly Range[]): Set<number> {
  const bytes = new Set<number>();
  for (const { start, end } of ranges) for (let byte = start; byte < end; byte += 1n) bytes.add(Number(byte));
  return bytes;
}

function expectFewestSorted(ranges: readonly Range[]): void {
  for (const [index, range] of ranges.entries()) {
    expect(range.start < range.end).toBe(true);
    const before = ranges[index - 1];
    if (before !== undefined) expect(before.end < range.start).toBe(true);
  }
}

function expectSetOperations(a: readonly Range[], b: readonly Range[]): void {
  const [inA, inB] = [bytesOf(a), bytesOf(b)];
  const cases = [
    { ranges: union([...a, ...b]), bytes: new Set([...inA, ...inB]) },
    { ranges: subtract(a, b), bytes: new Set([...inA].filter((byte) => !inB.has(byte))) },
    { ranges: intersect(a, b), bytes: new Set([...inA].filter((byte) => inB.has(byte))) },
  ];
  for (const { ranges, bytes } of cases) {
    expect(bytesOf(ranges)).toEqual(bytes);
    expect(totalSize(ranges)).toBe(BigInt(bytes.size));
    expectFewestSorted(ranges);
  }
}

describe('ranges', () => {
  it('cannot end before they start, nor beyond 64 bits', () => {
    expect(() => range(2n, 1n)).toThrow(expect.objectContaining({ check: 'range-order', errno: 'EINVAL' }));
    expect(() => range(-1n, 1n)).toThrow(expect.objectContaining({ check: 'range-order' }));
    expect(() => rangeOf(0xffff_ffff_ffff_f000n, 0x1001n)).toThrow(
      expect.objectContaining({ check: 'range-order' }),
    );
    expect(rangeOf(0xffff_ffff_ffff_f000n, 0x1000n).end).toBe(1n << 64n);
  });

  it('are half-open: neighbours do not overlap', () => {
    expect(overlaps(range(0n, 4n), range(4n, 8n))).toBe(false);
    expect(intersection(range(0n, 4n), range(4n, 8n))).toBeUndefined();
    expect(intersection(range(0n, 5n), range(4n, 8n))).toEqual({ start: 4n, end: 5n });
    expect(contains(range(0n, 8n), range(8n, 8n))).toBe(true);
  });

  it('may have every address of 64 bits, and none', () => {
    expect(range(0n, 1n << 64n)).toEqual({ start: 0n, end: 1n << 64n });
    expect(range(5n, 5n)).toEqual({ start: 5n, end: 5n });
    expect(() => range(0n, (1n << 64n) + 1n)).toThrow(expect.objectContaining({ check: 'range-order' }));
  });

  it('contain and overlap as sets of bytes do, also where ends meet', () => {
    fc.assert(
      fc.property(touchingRanges(12), ({ free: [a = range(3n, 5n)], window: b }) => {
        const [inA, inB] = [bytesOf([a]), bytesOf([b])];
        const both = [...inA].filter((byte) => inB.has(byte));
        expect(overlaps(a, b)).toBe(
          both.length > 0 || (inB.size === 0 && a.start < b.start && b.start < a.end),
        );
        expect(contains(a, b)).toBe(
          inB.size === 0 ? a.start <= b.start && b.start <= a.end : [...inB].every((byte) => inA.has(byte)),
        );
        expect(bytesOf([intersection(a, b) ?? range(0n, 0n)])).toEqual(new Set(both));
        expect(intersection(a, b) === undefined).toBe(both.length === 0);
        for (let address = 0n; address <= 12n; address += 1n)
          expect(containsAddress(a, address)).toBe(inA.has(Number(address)));
      }),
      { numRuns: 1000 },
    );
  });

  it('union, subtract and intersect agree with sets of bytes', () => {
    fc.assert(fc.property(smallRanges, smallRanges, expectSetOperations));
  });

  it('union, subtract and intersect agree with sets of bytes where ends meet', () => {
    fc.assert(
      fc.property(touchingRanges(24), ({ free, taken }) => expectSetOperations(free, taken)),
      { numRuns: 500 },
    );
  });
});
