import { KexecError } from '../base/error.js';
import type { KernelFacts, MachineFacts } from '../machine/machine-facts.js';
import { findSegmentsRefusal, hasSegmentsOnly } from '../trust/segments-gate.js';
import type { KimageType } from './kimage.js';

/** What decides whether a kernel lets anybody load or unload another one. */
export type LoadLimits = {
  readonly [Fact in 'kexecLoadDisabled' | 'kexecLoadLimitReboot' | 'kexecLoadLimitPanic']?:
    | KernelFacts[Fact]
    | undefined;
};

/** What to do about kernel.kexec_load_disabled. */
export const ENABLING_CURE =
  'it cannot be set back: remove kernel.kexec_load_disabled from what sets it (/etc/sysctl.conf, ' +
  '/etc/sysctl.d, a hardening service), or run that after the load, and reboot';

/** What to do about a limit of loads. @param name - `kexec_load_limit_reboot` */
export function adviseLimit(name: string): string {
  return `it can only be lowered: remove kernel.${name} from what sets it (/etc/sysctl.d), and reboot`;
}

/**
 * Finds why a kernel answers any load and unload with EPERM, also that of root. Kernel function
 * `kexec_load_permitted()`.
 *
 * @returns `EPERM`, check `live-permission`; undefined if the facts permit loads
 */
export function findLimitRefusal(
  { kexecLoadDisabled, kexecLoadLimitReboot, kexecLoadLimitPanic }: LoadLimits,
  type: KimageType,
): KexecError | undefined {
  if (kexecLoadDisabled === true) {
    const seen =
      'kernel.kexec_load_disabled is 1: this kernel does not load or unload kernels until it is rebooted';
    return new KexecError('live-permission', 'EPERM', seen, { cure: ENABLING_CURE });
  }
  if ((type === 'crash' ? kexecLoadLimitPanic : kexecLoadLimitReboot) !== 0) return undefined;
  const name = type === 'crash' ? 'kexec_load_limit_panic' : 'kexec_load_limit_reboot';
  const seen = `kernel.${name} is 0: the allowed calls are used up until this machine is rebooted`;
  return new KexecError('live-permission', 'EPERM', seen, { cure: adviseLimit(name) });
}

/**
 * Finds why the kernel that runs on a recorded machine refuses every load there, whatever the files are: loads are disabled
 * or used up, or the only system call is kexec_load(2), and IMA or lockdown refuse that.
 *
 * @returns as findLimitRefusal(), or as findSegmentsRefusal(); undefined if it refuses none, as far as is known
 */
export function findStandingRefusal(machine: MachineFacts, type: KimageType): KexecError | undefined {
  const refusal = findLimitRefusal(machine.kernel ?? {}, type);
  if (refusal !== undefined) return refusal;
  return hasSegmentsOnly(machine) ? findSegmentsRefusal(machine) : undefined;
}
