/** What the running kernel's policies make of kexec_load(2), which takes segments and has no file to verify. */

import { KexecError } from '../base/error.js';
import { findLockdown } from '../machine/find-lockdown.js';
import { isBuiltIn } from '../machine/kernel-config.js';
import { findLockdownCause, type LockdownCause } from '../machine/lockdown-cause.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { findSegmentsGate, type SegmentsGate } from './ima/appraisal.js';

/**
 * Finds why the running kernel refuses every kexec_load(2): IMA is asked before lockdown. Kernel function
 * `kexec_load_check()`.
 *
 * @param hasFileLoad - whether it has kexec_file_load(2); undefined if unknown
 * @returns `EACCES`, check `ima-appraisal`; `EPERM`, check `lockdown`; undefined if neither refuses it, as far as is known
 */
export function findSegmentsRefusal(
  machine: MachineFacts,
  hasFileLoad: boolean | undefined = isBuiltIn(machine.kernel?.config, 'KEXEC_FILE'),
): KexecError | undefined {
  const gate = findSegmentsGate(machine);
  if (gate !== undefined) {
    const seen = `IMA refuses every kexec_load(2), which has no file that it could verify: ${gate.because}`;
    return new KexecError('ima-appraisal', 'EACCES', seen, {
      cure: adviseOtherCall(hasFileLoad, adviseOpeningIma(machine, gate)),
    });
  }
  const lockdown = findLockdown(machine);
  if (lockdown === undefined || lockdown === 'none') return undefined;
  return new KexecError(
    'lockdown',
    'EPERM',
    `lockdown is ${lockdown}: this kernel refuses kexec_load(2) for any segments`,
    { cure: adviseOtherCall(hasFileLoad, adviseUnlocking(machine)) },
  );
}

/** Whether a kernel is known to have kexec_load(2) and no kexec_file_load(2), so that every load is one of segments. */
export function hasSegmentsOnly({ kernel: { config } = {} }: MachineFacts): boolean {
  return isBuiltIn(config, 'KEXEC') === true && isBuiltIn(config, 'KEXEC_FILE') === false;
}

/**
 * What is left to do where kexec_load(2) is refused.
 *
 * @param opening - how to have the call again
 */
export function adviseOtherCall(hasFileLoad: boolean | undefined, opening: string): string {
  const sign =
    'load a signed kernel by kexec_file_load: --syscall file (kexec-file verify prints the signer)';
  if (hasFileLoad === true) return `${sign}; or ${opening}`;
  if (hasFileLoad === undefined) return `if the kernel has CONFIG_KEXEC_FILE, ${sign}; or ${opening}`;
  return (
    'start the next kernel through the firmware (systemctl reboot): this kernel has no call left to load one; or run a ' +
    `kernel with CONFIG_KEXEC_FILE and CONFIG_KEXEC_SIG, and load a signed kernel; or ${opening}`
  );
}

/** How to end lockdown. */
export function adviseUnlocking(machine: MachineFacts): string {
  const cause = findLockdownCause(machine);
  if (cause === undefined) return UNKNOWN_CAUSE;
  const cure = UNLOCKING[cause];
  // IMA asks the firmware, and not shim.
  const isShimEnough = cause === 'secure-boot' && findSegmentsGate(machine)?.isBySecureBoot !== true;
  return isShimEnough ? `${cure}; with shim, mokutil --disable-validation ends it, too` : cure;
}

/** How to have IMA let kexec_load(2) pass. */
export function adviseOpeningIma(machine: MachineFacts, { because, isBySecureBoot }: SegmentsGate): string {
  if (!isBySecureBoot) return `boot without what makes IMA appraise kernels: ${because}`;
  const cure = `${SECURE_BOOT_OFF}: IMA asks the firmware, so mokutil --disable-validation does not help`;
  return findLockdownCause(machine) === 'secure-boot' ? `${cure}; that ends lockdown, too` : cure;
}

const SECURE_BOOT_OFF = "switch Secure Boot off in the firmware's settings";

const UNLOCKING: Readonly<Record<LockdownCause, string>> = {
  'secure-boot': `${SECURE_BOOT_OFF}, under which this kernel locks itself down`,
  parameter: 'boot without lockdown: lockdown= is on the command line',
  configuration: 'run a kernel that is not built to lock itself down (CONFIG_LOCK_DOWN_KERNEL_FORCE_*)',
};

const UNKNOWN_CAUSE =
  'boot without lockdown: the log names its cause after "Kernel is locked down from"; only a reboot ends it';
