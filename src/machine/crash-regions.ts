import type { Range } from '../base/range.js';
import type { CrashRegion } from './machine-facts.js';

/** Lists the crash regions of a machine, high then low; none if nothing is reserved. */
export function listCrashRegions({
  crashRegion,
}: {
  readonly crashRegion?: CrashRegion | undefined;
}): Range[] {
  return [crashRegion?.high, crashRegion?.low].filter((region) => region !== undefined);
}
