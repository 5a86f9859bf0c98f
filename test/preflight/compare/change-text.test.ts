import { describe, expect, it } from 'vitest';
import {
  arrangeChangeTable,
  formatChangeHeading,
  formatChangeRow,
  formatChangeSummary,
} from '../../../src/preflight/compare/change-text.js';
import { ChangeTally, compareRows } from '../../../src/preflight/compare/compare-rows.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from '../samples.js';

const FLEET = [
  { row: buildRow('a', REFUSED), before: buildRow('a', LOADS) },
  { row: buildRow('b', LOADS, REFUSED), before: buildRow('b', LOADS, LOADS) },
  { row: UNREADABLE, before: undefined },
  { row: undefined, before: buildRow('d', LOADS) },
].map((pair) => ({ ...pair, change: compareRows(pair.row, pair.before) }));

describe('the table of changes', () => {
  it('has the verdicts before and now, and breaks what changes within its column', () => {
    const files = FLEET.map(({ row, before }) => (row ?? before)?.file ?? '');
    const { table, names } = arrangeChangeTable(files, { columns: 80 });
    const lines = FLEET.map((compared, index) => formatChangeRow(compared, names[index] as string, table));
    expect([formatChangeHeading(table), ...lines].join('\n').split('\n')).toEqual([
      'MACHINE  BEFORE      NOW         CHANGE',
      'a        loads       refused     EADDRNOTAVAIL (segment-hole): no hole for',
      '                                 kernel\\x1b[31m',
      'b        loads       loads       as a crash kernel: EADDRNOTAVAIL',
      '                                 (segment-hole): no hole for kernel\\x1b[31m',
      'x        -           unreadable  new in the fleet: ENOENT (file-access): cannot',
      '                                 read x.json',
      'd        loads       -           not in the fleet any more',
    ]);
  });

  it('ends in the number of machines for each change, that none stopped included', () => {
    const tally = new ChangeTally();
    expect(formatChangeSummary(tally.counts(), 'old')).toBe(
      'Compared with old: 0 no longer load it, 0 unchanged',
    );
    for (const { change } of FLEET) tally.add(change);
    expect(formatChangeSummary(tally.counts(), 'old', { columns: 200 })).toBe(
      'Compared with old: 1 no longer loads it, 1 no longer loads it as a crash kernel, 1 new, 1 gone, 0 unchanged',
    );
  });
});
