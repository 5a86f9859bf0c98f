import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadLabels } from '../../../src/view/memory-map/spread-labels.js';

const wishes = fc.array(
  fc.record({ top: fc.integer({ min: -50, max: 500 }), height: fc.integer({ min: 1, max: 40 }) }),
  { maxLength: 30 },
);

describe('spreadLabels', () => {
  it('does not move labels that do not overlap', () => {
    const apart = [
      { top: -5, height: 10 },
      { top: 5, height: 20 },
      { top: 30, height: 1 },
    ];
    expect(spreadLabels(apart)).toEqual([-5, 5, 30]);
  });

  it('moves overlapping labels apart by the same distance', () => {
    const clash = [
      { top: 100, height: 20 },
      { top: 100, height: 20 },
      { top: 200, height: 20 },
    ];
    expect(spreadLabels(clash)).toEqual([90, 110, 200]);
  });

  it('keeps the order and leaves no overlaps', () => {
    fc.assert(
      fc.property(wishes, (wanted) => {
        const tops = spreadLabels(wanted);
        expect(tops).toHaveLength(wanted.length);
        for (const [index, { height }] of wanted.slice(0, -1).entries()) {
          expect((tops[index] ?? 0) + height).toBeLessThanOrEqual((tops[index + 1] ?? 0) + 1e-6);
        }
      }),
    );
  });

  it('cannot be improved by moving any single label', () => {
    fc.assert(
      fc.property(wishes, (wanted) => {
        const tops = spreadLabels(wanted);
        for (const [index, { top, height }] of wanted.entries()) {
          const given = tops[index] ?? 0;
          const isFreeAbove =
            index === 0 || (tops[index - 1] ?? 0) + (wanted[index - 1]?.height ?? 0) < given - 1e-6;
          const isFreeBelow = index === wanted.length - 1 || given + height < (tops[index + 1] ?? 0) - 1e-6;
          if (isFreeAbove) expect(given).toBeLessThanOrEqual(top + 1e-6);
          if (isFreeBelow) expect(given).toBeGreaterThanOrEqual(top - 1e-6);
        }
      }),
    );
  });
});
