import { refuse } from '../../base/error.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { hasFileLoad } from '../../machine/has-file-load.js';
import { KERNEL_CHANGES } from '../../machine/kernel-changes.js';
import type { LoadInProgress } from '../load-in-progress.js';
import { loaderHas } from '../running-kernel.js';

/**
 * Refuses a load by kexec_file_load on a machine whose release has no such call on arm64.
 *
 * @throws KexecError `ENOSYS`, check `running-call`.
 */
export function checkCall(load: LoadInProgress<Arm64Machine>): void {
  if (loaderHas(load, 'file-load') || hasFileLoad(load.machine) !== false) return;
  const { kernel } = load.machine;
  refuse(
    'running-call',
    'ENOSYS',
    `the running kernel is ${kernel?.release}, and arm64 has kexec_file_load since Linux ${KERNEL_CHANGES['file-load'].since}`,
    {
      cure: 'load by kexec_load (--syscall segments), or run a kernel of a later release with CONFIG_KEXEC_FILE=y',
    },
  );
}
