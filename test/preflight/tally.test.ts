import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/base/checks.js';
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

  it('counts machines whose makedumpfile saves no dump', () => {
    const tally = new PreflightTally();
    for (const name of ['a', 'b', 'c'])
      tally.add({ ...buildRow(name, LOADS), ...(name === 'a' ? {} : { noDump: 'makedumpfile 1.7.6' }) });
    expect(tally.summary().noDump).toEqual({ count: 2, example: 'b.json' });
    expect(new PreflightTally().summary().noDump).toBeUndefined();
  });

  it('keeps the cures of causes apart, up to a number that does not depend on the fleet', () => {
    const refuse = (cure?: string) => {
      const refusal = {
        errno: 'EADDRNOTAVAIL',
        check: 'crash-region',
        detail: 'none',
        ...(cure && { cure }),
      } as const;
      return buildRow('m', { verdict: 'refused', refusal });
    };
    const tally = new PreflightTally();
    for (const cure of ['grubby', 'grubby', 'cmdline.txt', undefined]) tally.add(refuse(cure));
    expect(tally.summary().causes.map(({ count, cure }) => [count, cure])).toEqual([
      [2, 'grubby'],
      [1, 'cmdline.txt'],
      [1, CHECKS['crash-region'].cure],
    ]);
    for (let machine = 0; machine < 1000; machine += 1) tally.add(refuse(`size ${machine}`));
    const { causes } = tally.summary();
    expect(causes.length).toBeLessThan(70);
    expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(1004);
  });
});
