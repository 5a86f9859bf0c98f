import { describeLacks, listFileLoadChanges, mayHaveLaterChanges } from '../../machine/kernel-changes.js';
import type { LoadInProgress } from '../load-in-progress.js';
import { isRunningKernelsWork } from '../running-kernel.js';

/** Notes whose rules decide, if the running kernel's kexec_file_load does otherwise than that of Linux 6.12. */
export function noteRelease(load: LoadInProgress): void {
  const { release } = load.machine.kernel ?? {};
  if (!isRunningKernelsWork(load)) return;
  const lacks = describeLacks(release, listFileLoadChanges('arm64'));
  if (lacks.length === 0) return;
  const doubt = mayHaveLaterChanges(release)
    ? '; its distribution may have added changes of later releases, which its number does not say'
    : '';
  load.trail.note('placement-rules', `the rules are those of ${release}: ${lacks.join('; ')}${doubt}`);
}
