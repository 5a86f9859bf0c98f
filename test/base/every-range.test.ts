import { expect, it } from 'vitest';
import {
  areInOrder,
  contains,
  intersect,
  intersectEach,
  intersection,
  overlaps,
  type Range,
  subtract,
  subtractFromEach,
  union,
} from '../../src/base/range.js';
import { listApart, listRuns, pagesOf, type Run, rangeOfRun, runOfRange, unite } from '../support/runs.js';

const PAGES = 4;

/** All runs, and the empty ones: they contain nothing, wherever they are. */
const RUNS: readonly Run[] = [
  ...listRuns(PAGES),
  ...Array.from({ length: PAGES + 1 }, (_, at) => ({ first: at, end: at })),
];

/** Every list of up to two runs, in any order, overlapping or not. */
const LISTS: readonly (readonly Run[])[] = [
  [],
  ...RUNS.map((run) => [run]),
  ...RUNS.flatMap((a) => RUNS.map((b) => [a, b])),
];

const rangesOf = (runs: readonly Run[]) => runs.map(rangeOfRun);
const pagesOfRanges = (ranges: readonly Range[]) => unite(ranges.map(runOfRange));

/** Whether no range is empty, and each begins after the one before it ends. */
function areFewest(ranges: readonly Range[]): boolean {
  return ranges.every(
    ({ start, end }, index) => start < end && (index === 0 || (ranges[index - 1] as Range).end < start),
  );
}

it('every pair of ranges contains, overlaps and intersects as its pages do', () => {
  const violations = RUNS.flatMap((a) =>
    RUNS.filter((b) => {
      if (a.first === a.end || b.first === b.end) return false;
      const [first, second] = [rangeOfRun(a), rangeOfRun(b)];
      const common = pagesOf(a) & pagesOf(b);
      const shared = intersection(first, second);
      return (
        contains(first, second) !== (common === pagesOf(b)) ||
        overlaps(first, second) !== (common !== 0) ||
        pagesOfRanges(shared === undefined ? [] : [shared]) !== common
      );
    }).map((b) => [a, b]),
  );
  expect(violations).toEqual([]);
});

it('every two lists of ranges have the union, difference and intersection of their pages', () => {
  const violations = LISTS.flatMap((a) =>
    LISTS.filter((b) => {
      const [first, second] = [rangesOf(a), rangesOf(b)];
      const results = [
        { ranges: union([...first, ...second]), pages: unite(a) | unite(b) },
        { ranges: subtract(first, second), pages: unite(a) & ~unite(b) },
        { ranges: intersect(first, second), pages: unite(a) & unite(b) },
      ];
      return results.some(({ ranges, pages }) => !areFewest(ranges) || pagesOfRanges(ranges) !== pages);
    }).map((b) => [a, b]),
  );
  expect(violations).toEqual([]);
});

it('what remains of each of several ranges is in order, and never joined across their ends', () => {
  const violations = Array.from(listApart(PAGES, PAGES)).flatMap((a) =>
    LISTS.filter((b) => {
      const [from, other] = [rangesOf(a), rangesOf(b)];
      const results = [
        { ranges: subtractFromEach(from, other), pages: unite(a) & ~unite(b) },
        { ranges: intersectEach(from, other), pages: unite(a) & unite(b) },
      ];
      return results.some(
        ({ ranges, pages }) =>
          pagesOfRanges(ranges) !== pages ||
          !areInOrder(ranges) ||
          !ranges.every((piece) => from.some((whole) => contains(whole, piece))),
      );
    }).map((b) => [a, b]),
  );
  expect(violations).toEqual([]);
});
