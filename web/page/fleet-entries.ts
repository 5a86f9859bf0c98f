import type { Outcome, PreflightRow } from '../../src/preflight/preflight-machine.js';
import { formatCause, formatReason } from '../../src/preflight/wording.js';
import type { PlannedMachine } from '../jobs/fleet-job.js';

/** A machine of a fleet, as a table shows it. */
export interface FleetEntry {
  readonly row: PreflightRow;
  /** The machine's, or that of its file. */
  readonly name: string;
  readonly verdict: 'loads' | 'refused' | 'unreadable';
  /** As a crash kernel: `fits`, `refused`, or `-` without a crash region. */
  readonly crash: 'fits' | 'refused' | '-';
  /** In bytes; undefined if the machine cannot be read. */
  readonly ram: bigint | undefined;
  /** Why it does not load, or not as a crash kernel, escaped; else empty. */
  readonly why: string;
}

export type FleetColumn = Exclude<keyof FleetEntry, 'row'>;

/** Which machines are shown, in words. */
export const STATES = {
  all: 'all machines',
  loads: 'those that load it',
  refused: 'those that refuse it',
  unreadable: 'those that cannot be read',
  crash: 'those that refuse it as a crash kernel',
} as const;

export type FleetState = keyof typeof STATES;

/** What is shown of a fleet, and in which order. */
export interface FleetSelection {
  /** In names, files and reasons, in small or capital letters. */
  readonly search: string;
  readonly state: FleetState;
  /** That of the fleet if undefined. */
  readonly order: { readonly column: FleetColumn; readonly isDown: boolean } | undefined;
}

const entries = new WeakMap<PlannedMachine, FleetEntry>();

/** The entry of a machine, which is built once. */
export function listEntry(planned: PlannedMachine): FleetEntry {
  const known = entries.get(planned);
  if (known !== undefined) return known;
  const entry = buildEntry(planned.row);
  entries.set(planned, entry);
  return entry;
}

function buildEntry(row: PreflightRow): FleetEntry {
  if (row.outcome === undefined) {
    const name = row.file.split('/').at(-1) ?? row.file;
    return {
      row,
      name,
      verdict: 'unreadable',
      crash: '-',
      ram: undefined,
      why: formatReason(row.unreadable),
    };
  }
  const { machine: name, outcome, crash, ram } = row;
  const fits = crash === undefined ? '-' : crash.verdict === 'loads' ? 'fits' : 'refused';
  return { row, name, verdict: outcome.verdict, crash: fits, ram, why: describeWhy(outcome, crash) };
}

function describeWhy(outcome: Outcome, crash: Outcome | undefined): string {
  if (outcome.verdict === 'refused') return formatReason(outcome.refusal);
  return crash?.verdict === 'refused' ? `as a crash kernel: ${formatCause(crash.refusal)}` : '';
}

/** Filters and sorts a fleet; equal machines stay in their order. */
export function selectEntries(
  all: readonly FleetEntry[],
  { search, state, order }: FleetSelection,
): readonly FleetEntry[] {
  const wanted = search.toLowerCase();
  const found = all.filter(
    (entry) =>
      (state === 'all' || (state === 'crash' ? entry.crash === 'refused' : entry.verdict === state)) &&
      (wanted === '' || `${entry.name}\n${entry.row.file}\n${entry.why}`.toLowerCase().includes(wanted)),
  );
  if (order === undefined) return found;
  const { column, isDown } = order;
  const sign = isDown ? -1 : 1;
  return found.sort((a, b) => sign * compareKeys(a[column], b[column]));
}

/** What has no value comes first. */
function compareKeys(a: FleetEntry[FleetColumn], b: FleetEntry[FleetColumn]): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a < b ? -1 : 1;
}
