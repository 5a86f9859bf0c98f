import type { LoadRequest } from '../../kexec/request.js';
import { compareRows, type FleetRow } from '../../preflight/compare/compare-rows.js';
import type { EarlierRow } from '../../preflight/compare/earlier-row.js';
import type { EarlierRows } from '../../preflight/compare/match-machines.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { type FleetPlan, planFleet } from './plan-fleet.js';

/** What a fleet is compared with: another kernel, or the rows of an earlier report. */
export type Against = { readonly request: LoadRequest } | { readonly earlier: EarlierRows };

/**
 * Plans a load on each machine of a fleet, as `planFleet()`, and compares each outcome with an earlier one, or with that
 * of another kernel on the same machine, which is read once.
 *
 * @param against - undefined if nothing is compared
 * @returns a row for each machine, in their order, then one for each machine that is gone
 */
export async function* compareFleet(
  request: LoadRequest,
  against: Against | undefined,
  plan: FleetPlan,
): AsyncGenerator<FleetRow> {
  if (against === undefined) {
    for await (const [row] of planFleet([request], plan)) yield { row: row as PreflightRow };
  } else if ('request' in against) {
    for await (const [row, before] of planFleet([request, against.request], plan)) yield compare(row, before);
  } else {
    const { earlier } = against;
    for await (const [row] of planFleet([request], plan))
      yield compare(row, earlier.take((row as PreflightRow).file));
    for (const before of earlier.listRest()) yield compare(undefined, before);
  }
}

function compare(row: FleetRow['row'], before: EarlierRow | undefined): FleetRow {
  return { row, before, change: compareRows(row, before) };
}
