import { explainMissingRegion } from '../../crash/crashkernel/explain-reservation.js';
import { describeCommandLinePlace } from '../../machine/boot-loader.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { Cause } from './cause.js';

/**
 * Adds to a cure what it comes to on a machine: the `crashkernel=` that suits it if it has no crash region, or where
 * its boot loader takes the parameter from.
 *
 * @param machine - undefined if the log's machine is not known
 */
export function adviseCure(
  { check, parameter }: Cause,
  cure: string,
  machine: MachineFacts | undefined,
): string {
  if (machine === undefined) return cure;
  if (check === 'crash-region' && machine.crashRegion === undefined) {
    const missing = explainMissingRegion(machine);
    // Without the parameter, the log is of another boot: then only the place counts.
    if (missing.isCertain && missing.parameters !== undefined)
      return `${cure}; on this machine, ${missing.reason}: ${missing.cure}`;
  }
  if (parameter === undefined) return cure;
  return `${cure}; on this machine, change the command line by: ${describeCommandLinePlace(machine, parameter)}`;
}
