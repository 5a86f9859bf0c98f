import type { TrailEntry } from '../../base/trail.js';
import type { LoadOptions } from '../../kexec/load-options.js';
import { usesCmaForKexec } from '../../machine/default-cma.js';
import type { Machine } from '../../machine/machine-value.js';
import { probeNoCmaFlag } from './system-calls/kexec-file-load.js';
import { countCallsLeft, type PermissionFacts, readPermissionFacts } from './system-calls/permission.js';

/** How to find out whether the kernel knows KEXEC_FILE_NO_CMA. */
export interface CmaQuestions {
  readonly readFacts: () => PermissionFacts;
  /** By a system call that loads nothing. */
  readonly probe: () => Promise<boolean>;
}

const QUESTIONS: CmaQuestions = { readFacts: readPermissionFacts, probe: probeNoCmaFlag };

/** Whether kexec_file_load gets KEXEC_FILE_NO_CMA, and what the trail says about it. */
interface CmaFlag {
  readonly flag: boolean;
  readonly notes: readonly TrailEntry[];
}

/**
 * Chooses KEXEC_FILE_NO_CMA for a kernel that replaces the running one, if the kernel knows it and CMA was not asked for.
 * Pages of CMA are aligned to 1 MiB at most with pages of 4 KiB; booting.rst demands 2 MiB of the kernel, and that the
 * device tree does not cross 2 MiB.
 *
 * A probe counts against kernel.kexec_load_limit_reboot, as every call does. If that is set, the release decides.
 */
export async function chooseCmaFlag(
  { type, cma }: LoadOptions,
  machine: Machine,
  questions: CmaQuestions = QUESTIONS,
): Promise<CmaFlag> {
  if (type === 'crash' || cma === true) return { flag: false, notes: [] };
  const isUnlimited = countCallsLeft(questions.readFacts(), 'default') === -1;
  const isKnown = isUnlimited ? await questions.probe() : usesCmaForKexec(machine);
  if (isKnown) {
    const detail =
      'KEXEC_FILE_NO_CMA: no segment in the CMA area, where alignments of booting.rst would not hold';
    return { flag: true, notes: [{ check: 'kexec-file-load', verdict: 'ok', detail }] };
  }
  if (cma === undefined) return { flag: false, notes: [] };
  const detail =
    '--no-cma has no effect: this kernel has no KEXEC_FILE_NO_CMA, and places no segment in a CMA area';
  return { flag: false, notes: [{ check: 'kexec-file-load', verdict: 'note', detail }] };
}
