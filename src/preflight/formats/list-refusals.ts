/** The refusals of a machine, as reports for pipelines list them. */
import { causeOf, causeOfOutcome, crashOf, type FleetRow } from '../compare/compare-rows.js';
import type { Refusal } from '../preflight-machine.js';

/** A refusal on one machine. */
export interface FleetRefusal {
  readonly kind: 'refused' | 'unreadable' | 'crash';
  readonly refusal: Refusal;
  /** Whether it makes the command fail: refusals as a crash kernel do not, nor do earlier ones if fleets are compared. */
  readonly fails: boolean;
  /** What became of the refusal before; undefined if nothing is compared. */
  readonly since: 'new' | 'updated' | 'unchanged' | undefined;
}

/** Lists the refusals of a machine: of the load, and of the same load as a crash kernel. A machine that is gone has none. */
export function listRefusals({ row, before, change }: FleetRow): FleetRefusal[] {
  if (row === undefined) return [];
  const compare = (now: string | undefined, earlier: string | undefined): FleetRefusal['since'] => {
    if (change === undefined) return undefined;
    return earlier === undefined ? 'new' : earlier === now ? 'unchanged' : 'updated';
  };
  const fails = change === undefined || change === 'stopped';
  const since = compare(causeOf(row), before && causeOf(before));
  if (row.outcome === undefined) return [{ kind: 'unreadable', refusal: row.unreadable, fails, since }];
  const refusals: FleetRefusal[] = [];
  if (row.outcome.verdict === 'refused')
    refusals.push({ kind: 'refused', refusal: row.outcome.refusal, fails, since });
  if (row.crash?.verdict === 'refused') {
    const crashSince = compare(causeOfOutcome(row.crash), before && causeOfOutcome(crashOf(before)));
    refusals.push({ kind: 'crash', refusal: row.crash.refusal, fails: false, since: crashSince });
  }
  return refusals;
}
