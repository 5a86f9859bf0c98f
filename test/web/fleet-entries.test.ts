import { describe, expect, it } from 'vitest';
import type { PreflightRow } from '../../src/preflight/preflight-machine.js';
import { type FleetSelection, listEntry, selectEntries } from '../../web/page/fleet-entries.js';

const refusal = { errno: 'EADDRNOTAVAIL', check: 'segment-hole', detail: 'no hole of 3 MiB' } as const;
const facts = { pageSize: 4096, crashRegion: undefined };
const ROWS: readonly PreflightRow[] = [
  {
    file: 'fleet/b.json',
    machine: 'Beta',
    ram: 2n,
    ...facts,
    outcome: { verdict: 'loads', entry: 0n, segments: [] },
    crash: { verdict: 'refused', refusal },
  },
  { file: 'fleet/broken.json', unreadable: { errno: 'EINVAL', check: 'machine-schema', detail: '\u001b' } },
  {
    file: 'fleet/a.json',
    machine: 'alpha',
    ram: 10n,
    ...facts,
    outcome: { verdict: 'refused', refusal },
    crash: undefined,
  },
];
const entries = ROWS.map((row) => listEntry({ row, line: '' }));

function select(selection: Partial<FleetSelection>): string[] {
  const all = { search: '', state: 'all', order: undefined } as const;
  return selectEntries(entries, { ...all, ...selection }).map(({ name }) => name);
}

describe('the table of a fleet', () => {
  it('is in the order of the fleet, and filters', () => {
    expect(select({})).toEqual(['Beta', 'broken.json', 'alpha']);
    expect(select({ search: 'FLEET/A' })).toEqual(['alpha']);
    expect(select({ search: 'segment-hole' })).toEqual(['Beta', 'alpha']);
    expect(select({ state: 'unreadable' })).toEqual(['broken.json']);
    expect(select({ state: 'crash' })).toEqual(['Beta']);
  });

  it('sorts by every column, numbers as numbers, and what is missing first', () => {
    expect(select({ order: { column: 'ram', isDown: false } })).toEqual(['broken.json', 'Beta', 'alpha']);
    expect(select({ order: { column: 'ram', isDown: true } })).toEqual(['alpha', 'Beta', 'broken.json']);
    expect(select({ order: { column: 'verdict', isDown: false } })).toEqual(['Beta', 'alpha', 'broken.json']);
  });

  it('escapes what comes out of files', () => {
    expect(entries.map(({ why }) => why).join()).not.toContain('\u001b');
  });
});
