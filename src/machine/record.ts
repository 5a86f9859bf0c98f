import { recordArm64Machine } from './arm64/record-arm64.js';
import { checkMachine } from './check-machine.js';
import type { Collected } from './collected.js';
import { dropHiddenFiles } from './hidden-files.js';
import type { UnknownFact } from './machine-facts.js';
import type { Machine } from './machine-value.js';
import { recordX86Machine } from './x86-64/record-x86.js';

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
  const record = RECORDERS[findArchitecture(known)];
  const machine = record(name, known, [...unknown, ...hidden]);
  checkMachine(machine);
  return machine;
}

const RECORDERS = { arm64: recordArm64Machine, x86_64: recordX86Machine };

/** The kernel's architecture by its own words; without them, by a file that only kernels for x86 have. */
function findArchitecture({
  arch,
  config = '',
  'boot-params': bootParams,
  memmap,
}: Collected): Machine['architecture'] {
  if (arch !== undefined) return arch.trim() === 'x86_64' ? 'x86_64' : 'arm64';
  if (/^CONFIG_X86_64=y$/m.test(config)) return 'x86_64';
  return bootParams === undefined && memmap === undefined ? 'arm64' : 'x86_64';
}
