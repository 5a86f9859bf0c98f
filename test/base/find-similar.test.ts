import { expect, it } from 'vitest';
import { findSimilar } from '../../src/base/find-similar.js';

it.each([
  ['recrod', ['record', 'remove'], ['record']],
  ['jsn', ['json', 'jobs'], ['json']],
  ['segment-totl', ['segment-total', 'segment-hole'], ['segment-total']],
  ['lint', ['list', 'line'], ['list', 'line']],
  ['xyz', ['plan', 'boot'], []],
  ['', ['plan'], []],
  ['p'.repeat(100_000), ['plan'], []],
])('%j of %j may mean %j', (typed, words, meant) => {
  expect(findSimilar(typed, words)).toEqual(meant);
});
