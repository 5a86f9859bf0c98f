import type { LoadRequest } from '../../kexec/request.js';
import { compareRows, type FleetRow } from '../../preflight/compare/compare-rows.js';
import type { EarlierRow } from '../../preflight/compare/earlier-row.js';
import { preflightFiles, preflightLoads } from './preflight-files.js';

/** What a fleet is compared with: another kernel, or the rows of an earlier report by the machines' files. */
export type Against =
  | { readonly request: LoadRequest }
  | { readonly before: readonly (EarlierRow | undefined)[]; readonly gone: readonly EarlierRow[] };

/**
 * Plans a load on each machine of a fleet, as `preflightFiles()`, and compares each outcome with an earlier one, or
 * with that of another kernel on the same machine, which is read once.
 *
 * @param against - undefined if nothing is compared
 * @returns a row for each file, in their order, then one for each machine that is gone
 */
export async function* compareFleet(
  request: LoadRequest,
  against: Against | undefined,
  files: readonly string[],
  threads: number,
): AsyncGenerator<FleetRow> {
  if (against === undefined) {
    for await (const row of preflightFiles(request, files, threads)) yield { row };
  } else if ('request' in against) {
    for await (const [row, before] of preflightLoads([request, against.request], files, threads))
      yield compare(row, before);
  } else {
    let index = 0;
    for await (const row of preflightFiles(request, files, threads))
      yield compare(row, against.before[index++]);
    for (const before of against.gone) yield compare(undefined, before);
  }
}

function compare(row: FleetRow['row'], before: EarlierRow | undefined): FleetRow {
  return { row, before, change: compareRows(row, before) };
}
