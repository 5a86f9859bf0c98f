import { totalSize } from '../../base/range.js';
import { CHANGES } from '../../view/json/schemas/changes.js';
import { crashOf, type FleetRow } from '../compare/compare-rows.js';
import type { EarlierOutcome, EarlierRow } from '../compare/earlier-row.js';

/** Machines of a fleet with the same outcome. */
export interface OutcomeGroup {
  /** The first of them. */
  readonly example: FleetRow;
  readonly count: number;
}

/** The groups of a fleet. */
export interface GroupedFleet {
  /** What gets worse first, then refusals, then the largest. */
  readonly groups: readonly OutcomeGroup[];
  /** Number of machines with outcomes beyond the limit of groups. */
  readonly others: number;
}

/** So that memory does not grow with a fleet whose machines are all different. */
const MAX_GROUPS = 1000;

/**
 * Groups machines by what reports show of their outcomes: verdicts, causes, addresses, RAM and crash region, and what has
 * changed.
 */
export class OutcomeGroups {
  readonly #groups = new Map<string, { readonly example: FleetRow; count: number }>();
  #others = 0;

  add(machine: FleetRow): void {
    const key = identify(machine);
    const known = this.#groups.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#groups.size < MAX_GROUPS) this.#groups.set(key, { example: machine, count: 1 });
    else this.#others += 1;
  }

  list(): GroupedFleet {
    const groups = [...this.#groups.values()].sort(
      (a, b) => rankChange(a) - rankChange(b) || rankVerdict(a) - rankVerdict(b) || b.count - a.count,
    );
    return { groups, others: this.#others };
  }
}

function rankChange({ example: { change = 'unchanged' } }: OutcomeGroup): number {
  return CHANGES.indexOf(change);
}

function rankVerdict({ example: { row } }: OutcomeGroup): number {
  return row?.outcome?.verdict === 'loads' ? 1 : 0;
}

function identify({ row, before, change }: FleetRow): string {
  const sizes =
    row?.outcome === undefined
      ? ''
      : `${row.ram} ${row.crashRegion === undefined ? '' : totalSize([row.crashRegion])}`;
  return [change, identifyRow(row), sizes, identifyRow(before)].join('|');
}

function identifyRow(row: EarlierRow | undefined): string {
  if (row === undefined) return '';
  if (row.outcome === undefined) return `unreadable ${row.unreadable.errno} ${row.unreadable.check}`;
  return `${identifyOutcome(row.outcome)} ${identifyOutcome(crashOf(row))}`;
}

function identifyOutcome(outcome: EarlierOutcome | undefined): string {
  if (outcome === undefined) return '';
  if (outcome.verdict === 'refused') return `${outcome.refusal.errno} ${outcome.refusal.check}`;
  return `${outcome.entry} ${outcome.segments.map(({ name, mem }) => `${name} ${mem}`).join()}`;
}
