import { expect, it } from 'vitest';
import { exhaust, type FindStart, ownSearch } from './exhaust.js';

/** Small enough for each run of the tests; small-worlds.nightly.test.ts has 8 pages. */
const WORLD = { pages: 5, freeRanges: 3, segments: 4 };
const PAGE = 4096n;

it('on every machine of 5 pages, every segment of every load has the place that trying every page finds', () => {
  const { violations, ...counts } = exhaust(WORLD, ownSearch);
  expect(violations).toEqual([]);
  expect(counts).toMatchInlineSnapshot(`
    {
      "machines": 79,
      "placed": 117672,
      "searches": 1720800,
    }
  `);
});

it.each<[fault: string, findStart: FindStart]>([
  [
    'places a page too high',
    (memory, taken, request) => {
      const start = memory.findStart(taken, request);
      return start === undefined ? undefined : start + PAGE;
    },
  ],
  [
    'leaves the last page of a segment free',
    (memory, taken, request) =>
      memory.findStart(
        taken.map(({ start, end }) => ({ start, end: end - PAGE })),
        request,
      ),
  ],
  [
    'does not use the last page of the window',
    (memory, taken, request) => {
      const { start, end } = request.window;
      return memory.findStart(taken, { ...request, window: { start, end: end - PAGE } });
    },
  ],
  [
    'ignores the alignment',
    (memory, taken, request) => memory.findStart(taken, { ...request, alignment: PAGE }),
  ],
  ['finds nothing', () => undefined],
])('a search that %s is found out', (_, findStart) => {
  expect(exhaust({ ...WORLD, pages: 4 }, findStart).violations).not.toEqual([]);
});
