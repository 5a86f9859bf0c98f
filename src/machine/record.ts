import { recordArm64Machine } from './arm64/record-arm64.js';
import { checkMachine } from './check-machine.js';
import type { Collected } from './collected.js';
import { dropHiddenFiles } from './hidden-files.js';
import type { UnknownFact } from './machine-facts.js';
import type { Machine } from './machine-value.js';

export type { Collected } from './collected.js';

/**
 * Builds the machine from collected files. Its memory map comes from the most exact source there is: memblock's own
 * lists, else `/proc/iomem`, else the device tree alone.
 *
 * @param unknown - the facts that could not be collected, and why; facts that the files turn out to lack are added
 * @throws KexecError `EINVAL`, check `machine-facts`, if the device tree or any RAM is missing; `EINVAL` for a
 * malformed file; `EINVAL`, check `machine-schema`, for more than a machine file may have.
 */
export function recordMachine(
  name: string,
  collected: Collected,
  unknown: readonly UnknownFact[] = [],
): Machine {
  const { known, hidden } = dropHiddenFiles(collected);
  const machine = recordArm64Machine(name, known, [...unknown, ...hidden]);
  checkMachine(machine);
  return machine;
}
