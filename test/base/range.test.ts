import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contains,
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

const SPAN = 64;
const smallRange = fc
  .tuple(fc.integer({ min: 0, max: SPAN }), fc.integer({ min: 0, max: SPAN }))
  .map(([a, b]) => range(BigInt(Math.min(a, b)), BigInt(Math.max(a, b))));
const smallRanges = fc.array(smallRange, { maxLength: 8 });

/** The naive view of ranges: the set of their bytes. */
function bytesOf(ranges: readonly Range[]): Set<number> {
  const bytes = new Set<number>();
  for (const { start, end } of ranges) for (let byte = start; byte < end; byte += 1n) bytes.add(Number(byte));
  return bytes;
}

function expectFewestSorted(ranges: readonly Range[]): void {
  for (const [index, one] of ranges.entries()) {
    expect(one.start < one.end).toBe(true);
    const before = ranges[index - 1];
    if (before !== undefined) expect(before.end < one.start).toBe(true);
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

  it('union, subtract and intersect agree with sets of bytes', () => {
    fc.assert(
      fc.property(smallRanges, smallRanges, (a, b) => {
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
      }),
    );
  });
});
