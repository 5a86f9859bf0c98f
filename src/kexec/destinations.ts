import { refuse } from '../base/error.js';
import { intersection, type Range } from '../base/range.js';
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
  { type = 'default', window, randomize }: LoadOptions,
  machine: MachineFacts,
  architecture: Architecture,
): readonly Range[] {
  const bounds = [
    ...(window === undefined ? [] : [window]),
    ...(randomize === undefined ? [] : [architecture.randomWindow]),
  ];
  return bounds.reduce<readonly Range[]>(
    (ranges, bound) => ranges.flatMap((range) => intersection(range, bound) ?? []),
    type === 'default' ? architecture.findDestinations(machine) : [requireCrashRegion(machine)],
  );
}

function requireCrashRegion({ name, crashRegion }: MachineFacts): Range {
  if (crashRegion !== undefined) return crashRegion.high;
  refuse(
    'crash-region',
    'EADDRNOTAVAIL',
    `${name} has no crash region: crashkernel= was not given or found no memory`,
  );
}
