import { expect, it } from 'vitest';
import { exhaust, ownSearch } from './exhaust.js';

const TIME_LIMIT = 30 * 60_000;

it(
  'on every machine of 8 pages and up to 6 ranges, every segment of every load of up to 4 has its place',
  () => {
    const { violations, ...counts } = exhaust({ pages: 8, freeRanges: 6, segments: 4 }, ownSearch);
    expect(violations).toEqual([]);
    expect(counts).toMatchInlineSnapshot(`
      {
        "machines": 1581,
        "placed": 50048196,
        "searches": 897447168,
      }
    `);
  },
  TIME_LIMIT,
);
