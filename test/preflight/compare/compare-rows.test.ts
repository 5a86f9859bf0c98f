import { describe, expect, it } from 'vitest';
import { describeChange } from '../../../src/preflight/compare/change-wording.js';
import { ChangeTally, compareRows } from '../../../src/preflight/compare/compare-rows.js';
import type { Outcome, PreflightRow } from '../../../src/preflight/preflight-machine.js';
import { CHANGES, type Change } from '../../../src/view/json/schemas/changes.js';
import { buildRow, LOADS, NO_FILE, REFUSED, UNREADABLE } from '../samples.js';

/** The same load, with the device tree at another address. */
const MOVED: Outcome = {
  ...LOADS,
  segments: LOADS.segments.map((place) => (place.name === 'dtb' ? { ...place, mem: 0x7fc0_0000n } : place)),
};
const OTHERWISE: Outcome = { verdict: 'refused', refusal: NO_FILE };

const CASES: readonly [Change, before: PreflightRow | undefined, now: PreflightRow | undefined, RegExp][] = [
  ['stopped', buildRow('a', LOADS), buildRow('a', REFUSED), /^EADDRNOTAVAIL \(segment-hole\): no hole/],
  ['stopped', buildRow('a', LOADS), { ...UNREADABLE, file: 'a.json' }, /^ENOENT \(file-access\): cannot/],
  ['started', buildRow('a', REFUSED), buildRow('a', LOADS), /^before: EADDRNOTAVAIL \(segment-hole\)$/],
  ['started', UNREADABLE, buildRow('a', LOADS), /^before: ENOENT \(file-access\)$/],
  ['started', buildRow('a', REFUSED, LOADS), buildRow('a', LOADS, REFUSED), /^before: EADDR/],
  ['crashStopped', buildRow('a', LOADS, LOADS), buildRow('a', LOADS, REFUSED), /^as a crash kernel: EADDR/],
  ['crashStopped', buildRow('a', LOADS, LOADS), buildRow('a', MOVED), /^as a crash kernel: no crash region$/],
  [
    'crashStopped',
    buildRow('a', REFUSED, LOADS),
    UNREADABLE,
    /^as a crash kernel: ENOENT \(file-access\): cannot/,
  ],
  [
    'crashStarted',
    UNREADABLE,
    buildRow('a', REFUSED, LOADS),
    /it loads now; before: ENOENT \(file-access\): cannot/,
  ],
  [
    'crashStarted',
    buildRow('a', LOADS),
    buildRow('a', LOADS, LOADS),
    /it loads now; before: no crash region$/,
  ],
  ['moved', buildRow('a', LOADS), buildRow('a', MOVED), /^dtb 0x7fe00000 → 0x7fc00000$/],
  ['moved', buildRow('a', MOVED, LOADS), buildRow('a', MOVED, MOVED), /^as a crash kernel: dtb 0x7fe0/],
  [
    'otherCause',
    buildRow('a', OTHERWISE),
    buildRow('a', REFUSED),
    /^EADDR.*; before: ENOENT \(file-access\)$/,
  ],
  ['otherCause', buildRow('a', LOADS, OTHERWISE), buildRow('a', LOADS, REFUSED), /EADDR.*; before: ENOENT/],
  ['otherCause', buildRow('a', OTHERWISE), UNREADABLE, /^ENOENT.*; before: ENOENT \(file-access\)$/],
  ['new', undefined, buildRow('a', LOADS), /^new in the fleet$/],
  ['new', undefined, buildRow('a', REFUSED), /^new in the fleet: EADDR/],
  ['gone', buildRow('a', LOADS), undefined, /^not in the fleet any more$/],
  ['unchanged', buildRow('a', LOADS, REFUSED), buildRow('a', LOADS, REFUSED), /^$/],
  ['unchanged', UNREADABLE, UNREADABLE, /^$/],
];

describe('compareRows', () => {
  it.each(CASES)('finds that a machine is %s', (change, before, row, words) => {
    expect(compareRows(row, before)).toBe(change);
    expect(describeChange({ row, before, change })).toMatch(words);
  });

  it('finds every change', () => {
    expect(new Set(CASES.map(([change]) => change))).toEqual(new Set(CHANGES));
  });
});

describe('ChangeTally', () => {
  it('counts each change', () => {
    const tally = new ChangeTally();
    for (const [change] of CASES) tally.add(change);
    expect(tally.counts()).toMatchObject({ stopped: 2, started: 3, new: 2, gone: 1, unchanged: 2 });
  });
});
