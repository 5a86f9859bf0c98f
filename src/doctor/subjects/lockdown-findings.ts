import { findLockdown } from '../../machine/find-lockdown.js';
import type { Machine } from '../../machine/machine-value.js';
import { adviseOtherCall, adviseUnlocking } from '../../trust/segments-gate.js';
import type { Finding } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad } from '../intended-load.js';

const SOURCE = '/sys/kernel/security/lockdown; kernel_lockdown(7)';

/** Finds what lockdown allows: not kexec_load(2), and kexec_file_load(2) with signed kernels only. */
export function diagnoseLockdown(machine: Machine, intended: IntendedLoad): Finding[] {
  const lockdown = findLockdown(machine);
  if (lockdown === undefined) return [];
  if (lockdown === 'none') return [NOT_LOCKED_DOWN];
  const fact = `the kernel is locked down (${lockdown})`;
  const finding = {
    topic: 'lockdown',
    about: 'both',
    source: SOURCE,
    evidence: { check: 'lockdown' },
  } as const;
  const unlock = adviseUnlocking(machine);
  const hasFile = hasKexecFileLoad(machine, intended);
  switch (hasFile) {
    case false:
      return [
        {
          ...finding,
          severity: 'stops',
          fact: `${fact}, and has no kexec_file_load(2)`,
          why: 'under lockdown kexec_load fails with EPERM, because segments have no signature; no other call is left',
          cure: adviseOtherCall(hasFile, unlock),
        },
      ];
    case true:
      return [
        {
          ...finding,
          severity: 'warns',
          fact,
          why: `kexec_load fails with EPERM; kexec_file_load ${
            machine.kexecSignature === 'none'
              ? 'works, because this kernel checks no signatures (no CONFIG_KEXEC_SIG)'
              : 'loads only kernels that are signed by a key of the keyrings'
          }`,
          cure: `load a signed kernel with --syscall file (kexec-file verify prints its signer); or ${unlock}`,
        },
      ];
    default:
      return [
        {
          ...finding,
          severity: 'stops',
          fact: `${fact}; whether it has kexec_file_load(2) is not known`,
          why: 'kexec_load fails with EPERM; kexec_file_load, if the kernel has it, loads only signed kernels',
          cure: `with CONFIG_KEXEC_FILE, load a signed kernel with --syscall file; or ${unlock}`,
        },
      ];
  }
}

const NOT_LOCKED_DOWN: Finding = {
  topic: 'lockdown',
  severity: 'fine',
  about: 'both',
  fact: 'the kernel is not locked down',
  evidence: { check: 'lockdown', holds: true },
  why: 'lockdown refuses neither system call',
  source: SOURCE,
};
