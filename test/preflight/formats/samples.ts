/** A fleet with every kind of row, printed in a format. */
import { compareRows, type FleetRow } from '../../../src/preflight/compare/compare-rows.js';
import type { EarlierRow } from '../../../src/preflight/compare/earlier-row.js';
import type { FleetDocument } from '../../../src/preflight/formats/fleet-document.js';
import type { PreflightKernel } from '../../../src/preflight/kernel-facts.js';
import type { PreflightRow } from '../../../src/preflight/preflight-machine.js';
import { PreflightTally } from '../../../src/preflight/tally.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from '../samples.js';

export const KERNEL: PreflightKernel = {
  file: 'boot/vmlinuz',
  sha256: 'ab'.repeat(32),
  release: '6.12.1',
  type: 'default',
};

export const FLEET: readonly FleetRow[] = [
  { row: buildRow('fine', LOADS, LOADS) },
  { row: buildRow('small', REFUSED) },
  { row: buildRow('crash', LOADS, REFUSED) },
  { row: UNREADABLE },
];

/** A row, and what it was before. */
export function compare(row: PreflightRow | undefined, before: EarlierRow | undefined): FleetRow {
  return { row, before, change: compareRows(row, before) };
}

export const COMPARED: readonly FleetRow[] = [
  compare(buildRow('stopped', REFUSED), buildRow('stopped', LOADS)),
  compare(buildRow('refused', REFUSED), buildRow('refused', REFUSED)),
  compare(buildRow('fresh', REFUSED), undefined),
  compare(undefined, buildRow('gone', LOADS)),
  compare(UNREADABLE, buildRow('x', REFUSED)),
];

/** Formats a whole report. */
export function formatDocument(document: FleetDocument, fleet: readonly FleetRow[]): string {
  const tally = new PreflightTally();
  for (const { row } of fleet) if (row !== undefined) tally.add(row);
  const result = { summary: tally.summary(), changes: undefined };
  const rows = fleet.map((machine) => document.row(machine));
  return [document.start(result), ...rows, document.end(result)].join('');
}
