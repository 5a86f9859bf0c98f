import { refuse } from '../base/error.js';
import { intersection, type Range } from '../base/range.js';
import { explainMissingRegion } from '../crash/crashkernel/explain-reservation.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { Architecture } from './architecture.js';
import type { LoadOptions } from './load-options.js';

/**
 * The ranges where segments may lie, lowest first: the architecture's for a kernel that replaces the running one, the
 * crash region for a crash kernel; both cut to the requested window, and to the architecture's if places are random.
 *
 * @throws KexecError `EADDRNOTAVAIL`, check `crash-region`, if there is none.
 */
export function findDestinations(
  options: LoadOptions,
  machine: MachineFacts,
  architecture: Architecture,
): readonly Range[] {
  const ranges =
    options.type === 'crash' ? [requireCrashRegion(machine)] : architecture.findDestinations(machine);
  return limitDestinations(ranges, options, architecture);
}

/** Cuts ranges to the requested window, and to the architecture's if places are random. */
export function limitDestinations(
  ranges: readonly Range[],
  { window, randomize }: LoadOptions,
  architecture: Architecture,
): readonly Range[] {
  const bounds = [
    ...(window === undefined ? [] : [window]),
    ...(randomize === undefined ? [] : [architecture.randomWindow]),
  ];
  return bounds.reduce<readonly Range[]>(
    (limited, bound) => limited.flatMap((range) => intersection(range, bound) ?? []),
    ranges,
  );
}

function requireCrashRegion(machine: MachineFacts): Range {
  const { name, crashRegion } = machine;
  if (crashRegion !== undefined) return crashRegion.high;
  const { parameters, reason, cure } = explainMissingRegion(machine);
  const why = parameters === undefined ? reason : `${parameters}: ${reason}`;
  refuse('crash-region', 'EADDRNOTAVAIL', `${name} has no crash region: ${why}`, { cure });
}
