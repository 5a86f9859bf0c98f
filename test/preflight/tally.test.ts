import { describe, expect, it } from 'vitest';
import { PreflightTally } from '../../src/preflight/tally.js';
import { buildRow, HOLE_RULE, LOADS, REFUSED, UNREADABLE } from './samples.js';

describe('PreflightTally', () => {
  it('counts nothing for an empty fleet', () => {
    const { causes, crash, ...counts } = new PreflightTally().summary();
    expect(counts).toEqual({ machines: 0, loads: 0, refused: 0, unreadable: 0 });
    expect([causes, crash.causes]).toEqual([[], []]);
  });

  it('counts verdicts, and causes with the most frequent first', () => {
    const tally = new PreflightTally();
    const rows = [UNREADABLE, buildRow('a', LOADS, REFUSED), buildRow('b', REFUSED), buildRow('c', REFUSED)];
    for (const row of rows) tally.add(row);
    expect(tally.summary()).toMatchObject({
      machines: 4,
      loads: 1,
      refused: 2,
      unreadable: 1,
      causes: [
        { errno: 'EADDRNOTAVAIL', check: 'segment-hole', rule: HOLE_RULE, count: 2, example: 'b.json' },
        { errno: 'ENOENT', check: 'file-access', count: 1, example: 'x.json' },
      ],
      crash: { regions: 1, loads: 0, refused: 1, causes: [{ check: 'segment-hole', example: 'a.json' }] },
    });
  });
});
