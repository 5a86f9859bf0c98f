import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesPattern } from '../../src/boot-entry/bls/match-pattern.js';
import { compareVersions } from '../../src/boot-entry/compare-versions.js';

/** The order in UAPI.10, "Examples". */
const ASCENDING = [
  '11~rc1',
  '11',
  '11.0',
  '11a',
  '12',
  '122.1',
  '123~rc1-1',
  '123',
  '123-a',
  '123-a.1',
  '123-1',
  '123^post1',
  '123.a-1',
  '123.1-1',
  '123a-1',
  '124-1',
];

it('orders versions as the specification does', () => {
  for (const [index, older] of ASCENDING.entries()) {
    expect(compareVersions(older, older)).toBe(0);
    for (const newer of ASCENDING.slice(index + 1)) {
      expect([older, newer, Math.sign(compareVersions(older, newer))]).toEqual([older, newer, -1]);
      expect(Math.sign(compareVersions(newer, older))).toBe(1);
    }
  }
  expect(compareVersions('6.12.9', '6.12.57')).toBeLessThan(0);
});

it('is an order of any texts', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
    }),
  );
});

it.each([
  ['debian-*', 'Debian-6.12.conf', true],
  ['*', '', true],
  ['a?c', 'abc', true],
  ['a[b-d]c', 'acc', true],
  ['a[!b]c', 'abc', false],
  ['a[', 'a[', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['*a*a*a*a*a*a*a*a*b', 'a'.repeat(250), false],
])('the pattern %j and %j: %s', (pattern, name, matches) => {
  expect(matchesPattern(pattern, name)).toBe(matches);
});
