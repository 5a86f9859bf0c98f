import { describe, expect, it } from 'vitest';
import { compareRows, type FleetRow } from '../../../src/preflight/compare/compare-rows.js';
import { formatPageRow, formatPageStart, MAX_PAGE_ROWS } from '../../../src/preflight/page/page-html.js';
import { OutcomeGroups } from '../../../src/preflight/shapes/outcome-groups.js';
import { PreflightTally } from '../../../src/preflight/tally.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from '../samples.js';

const MOVED = { ...LOADS, entry: 1n };

function group(machines: readonly FleetRow[]) {
  const groups = new OutcomeGroups();
  for (const machine of machines) groups.add(machine);
  return groups.list();
}

const rows = [
  ...Array.from({ length: 30 }, (_, index) => buildRow(`a${index}`, LOADS)),
  buildRow('b', REFUSED),
  buildRow('c', LOADS, REFUSED),
  UNREADABLE,
];

describe('machines with the same outcome', () => {
  it('are a group, refusals first', () => {
    const { groups, others } = group(rows.map((row) => ({ row })));
    expect(groups.map(({ count, example }) => [count, example.row?.file])).toEqual([
      [1, 'b.json'],
      [1, 'x.json'],
      [30, 'a0.json'],
      [1, 'c.json'],
    ]);
    expect(others).toBe(0);
  });

  it('are ordered by what gets worse, if they are compared', () => {
    const compare = (name: string, now = LOADS as typeof REFUSED, before = LOADS as typeof REFUSED) => {
      const [row, earlier] = [buildRow(name, now), buildRow(name, before)];
      return { row, before: earlier, change: compareRows(row, earlier) };
    };
    const { groups } = group([
      compare('same'),
      compare('moved', MOVED),
      compare('better', LOADS, REFUSED),
      compare('worse', REFUSED),
      compare('worse2', REFUSED),
    ]);
    expect(groups.map(({ count, example: { change } }) => [change, count])).toEqual([
      ['stopped', 2],
      ['started', 1],
      ['moved', 1],
      ['unchanged', 1],
    ]);
  });

  it('are counted beyond 1000 groups', () => {
    const all = Array.from({ length: 1200 }, (_, entry) => ({
      row: buildRow('m', { ...LOADS, entry: BigInt(entry) }),
    }));
    const { groups, others } = group([...all, ...all]);
    expect(groups).toHaveLength(1000);
    expect(others).toBe(400);
  });

  it('come first in the page, as one row', () => {
    const tally = new PreflightTally();
    for (const row of rows) tally.add(row);
    const options = { kernel: 'Image', facts: [], hasInitrd: false, isCrash: false };
    const grouped = group(rows.map((row) => ({ row })));
    const page = formatPageStart(tally.summary(), { ...options, grouped });
    expect(page.match(/<h2 id="(groups|all)"/g)).toEqual(['<h2 id="groups"', '<h2 id="all"']);
    expect(page).toContain('<th scope="row">30 machines<span class="file">such as a0.json</span></th>');
    expect(page).toContain('<th scope="row">1 machine<span class="file">b.json</span></th>');
    expect(page).not.toContain('The first');
    const many = { ...tally.summary(), machines: MAX_PAGE_ROWS + 1 };
    expect(formatPageStart(many, { ...options, grouped })).toContain('<p>The first 10,000 machines;');
    expect(formatPageRow({ row: buildRow('a', LOADS) }, options)).toContain('>a<span');
  });
});
