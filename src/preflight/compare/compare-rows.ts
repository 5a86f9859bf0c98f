import { CHANGES, type Change } from '../../view/json/schemas/changes.js';
import type { PreflightRow } from '../preflight-machine.js';
import type { EarlierOutcome, EarlierPlace, EarlierRow } from './earlier-row.js';

/** The number of machines for each change. */
export type ChangeCounts = Readonly<Record<Change, number>>;

/** A machine of a fleet, and what it is compared with. At least one of `row` and `before` is there. */
export interface FleetRow {
  /** Undefined if the machine is gone. */
  readonly row: PreflightRow | undefined;
  /** Undefined if the machine is new, or nothing is compared. */
  readonly before?: EarlierRow | undefined;
  /** Undefined if nothing is compared. */
  readonly change?: Change | undefined;
}

/** Compares a machine's outcomes with earlier ones. */
export function compareRows(row: PreflightRow | undefined, before: EarlierRow | undefined): Change {
  if (before === undefined) return 'new';
  if (row === undefined) return 'gone';
  return (
    compareVerdicts(row.outcome, before.outcome) ??
    compareCrashVerdicts(row, before) ??
    (hasMoved(row, before) ? 'moved' : hasOtherCause(row, before) ? 'otherCause' : 'unchanged')
  );
}

function compareVerdicts(
  outcome: EarlierOutcome | undefined,
  before: EarlierOutcome | undefined,
): 'stopped' | 'started' | undefined {
  if (loads(outcome) === loads(before)) return undefined;
  return loads(outcome) ? 'started' : 'stopped';
}

/**
 * What loads on one side alone has been compared: this is about machines that load the kernel on both, or on neither.
 */
function compareCrashVerdicts(row: PreflightRow, before: EarlierRow): Change | undefined {
  const change = compareVerdicts(crashOf(row), crashOf(before));
  return change && (change === 'started' ? 'crashStarted' : 'crashStopped');
}

function hasMoved(row: EarlierRow, before: EarlierRow): boolean {
  return listMoves(row.outcome, before.outcome).length + listMoves(crashOf(row), crashOf(before)).length > 0;
}

function hasOtherCause(row: EarlierRow, before: EarlierRow): boolean {
  return causeOf(row) !== causeOf(before) || causeOfOutcome(crashOf(row)) !== causeOfOutcome(crashOf(before));
}

/** A segment, or the entry, that has another address; undefined where there is none. */
export interface Move {
  readonly name: string;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** Lists what has moved between two loads; nothing if one of them was refused. */
export function listMoves(now: EarlierOutcome | undefined, before: EarlierOutcome | undefined): Move[] {
  if (now?.verdict !== 'loads' || before?.verdict !== 'loads') return [];
  const from = listPlaces(before);
  const to = listPlaces(now);
  return [...new Set([...to.keys(), ...from.keys()])]
    .map((name) => ({ name, from: from.get(name), to: to.get(name) }))
    .filter((move) => move.from !== move.to);
}

function listPlaces({ entry, segments }: { entry: bigint; segments: readonly EarlierPlace[] }) {
  return new Map([...segments.map(({ name, mem }) => [name, mem] as const), ['entry', entry] as const]);
}

/** The outcome as a crash kernel, beside that of the requested load. */
export function crashOf(row: EarlierRow): EarlierOutcome | undefined {
  return row.outcome === undefined ? undefined : row.crash;
}

function loads(outcome: EarlierOutcome | undefined): boolean {
  return outcome?.verdict === 'loads';
}

/** Why a machine refuses the kernel or cannot be read, as a text to compare; undefined if it loads the kernel. */
export function causeOf(row: EarlierRow): string | undefined {
  if (row.outcome !== undefined) return causeOfOutcome(row.outcome);
  return `unreadable ${row.unreadable.errno} ${row.unreadable.check}`;
}

/** Why an outcome is a refusal, as a text to compare; undefined if it is none. */
export function causeOfOutcome(outcome: EarlierOutcome | undefined): string | undefined {
  return outcome?.verdict === 'refused' ? `${outcome.refusal.errno} ${outcome.refusal.check}` : undefined;
}

/** Counts changes. */
export class ChangeTally {
  readonly #counts = Object.fromEntries(CHANGES.map((change) => [change, 0])) as Record<Change, number>;

  add(change: Change): void {
    this.#counts[change] += 1;
  }

  counts(): ChangeCounts {
    return { ...this.#counts };
  }
}
