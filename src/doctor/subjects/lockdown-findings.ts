import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import { isBuiltIn } from '../intended-load.js';

const SOURCE = '/sys/kernel/security/lockdown; kernel_lockdown(7)';

/** Whether a kernel that has kexec_file_load(2) is running, if that is known. */
export function hasKexecFileLoad(machine: Machine, { live }: IntendedLoad): boolean | undefined {
  return isBuiltIn(machine.kernel?.config, 'KEXEC_FILE') ?? live?.hasKexecFileLoad;
}

/** What lockdown leaves: no kexec_load(2), and of kexec_file_load(2) what is signed. */
export function diagnoseLockdown(machine: Machine, subject: IntendedLoad): Finding[] {
  const { lockdown } = machine;
  if (lockdown === undefined) return [];
  const finding = { topic: 'lockdown', about: 'both', source: SOURCE } as const;
  if (lockdown === 'none') {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: 'the kernel is not locked down',
        evidence: { check: 'lockdown', holds: true },
        why: 'both system calls are open to whoever may load',
      },
    ];
  }
  const fact = `the kernel is locked down (${lockdown})`;
  const evidence = { check: 'lockdown' } as const;
  const without = `boot without lockdown: ${describeLockdownCause(machine)}`;
  switch (hasKexecFileLoad(machine, subject)) {
    case false:
      return [
        {
          ...finding,
          severity: 'stops',
          evidence,
          fact: `${fact}, and has no kexec_file_load(2)`,
          why: 'under lockdown kexec_load is EPERM, as its segments carry no signature, and there is nothing else here',
          cure: `${without}; or run a kernel that has CONFIG_KEXEC_FILE and CONFIG_KEXEC_SIG, and load a signed kernel`,
        },
      ];
    case true:
      return [
        {
          ...finding,
          severity: 'warns',
          evidence,
          fact,
          why: `kexec_load is EPERM; kexec_file_load ${
            machine.kexecSignature === 'none'
              ? 'loads, as this kernel checks no signatures (CONFIG_KEXEC_SIG)'
              : 'loads what is signed by a key of the keyrings, and nothing else'
          }`,
          cure: `load a signed kernel with --syscall file (kexec-file verify tells who signed it); or ${without}`,
        },
      ];
    default:
      return [
        {
          ...finding,
          severity: 'stops',
          evidence,
          fact: `${fact}; whether it has kexec_file_load(2) is not known`,
          why: 'kexec_load is EPERM; kexec_file_load, if it is there, loads what is signed and nothing else',
          cure: `with CONFIG_KEXEC_FILE, load a signed kernel with --syscall file; or ${without}`,
        },
      ];
  }
}

/** What had the kernel locked down, as far as the machine tells. */
function describeLockdownCause({ commandLine = '', kernel }: Machine): string {
  if (/(^|\s)lockdown=/.test(commandLine)) return 'lockdown= is on the command line';
  if (isBuiltIn(kernel?.config, 'LOCK_DOWN_IN_EFI_SECURE_BOOT') === true)
    return 'this kernel is locked down under secure boot, or somebody wrote to /sys/kernel/security/lockdown';
  return 'see "Kernel is locked down from" in its log; it cannot be taken back before the next boot';
}
