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

/**
 * Lists the RAM of a capture kernel: the crash regions, then the crash CMA ranges. None of it is dumped
 * (`crash_exclude_core_ranges()`), and all of it is in `linux,usable-memory-range`, in this order.
 */
export function listCaptureMemory(machine: {
  readonly crashRegion?: CrashRegion | undefined;
  readonly crashCma?: readonly Range[] | undefined;
}): Range[] {
  return [...listCrashRegions(machine), ...(machine.crashCma ?? [])];
}
