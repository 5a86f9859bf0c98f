import { findLockdown } from '../../machine/find-lockdown.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad } from '../intended-load.js';
import { formatReasons, isCrashFact } from './unknown-findings.js';

/** Finds whether an ELF core header can be built. */
export function diagnoseCrashFacts(machine: Machine, intended: IntendedLoad): Finding[] {
  const { crash } = machine;
  const finding = {
    topic: 'crash-facts',
    about: 'kdump',
    source: '/proc/kcore, /sys/kernel/vmcoreinfo, crash_notes of each CPU; crash_prepare_elf64_headers()',
  } as const;
  if (crash !== undefined && crash.notes.length > 0) {
    const count = crash.notes.length;
    return [
      {
        ...finding,
        severity: 'fine',
        fact: `the addresses of the crash notes of ${count === 1 ? '1 CPU' : `${count} CPUs`} and of the kernel are known`,
        why: 'an ELF core header can be built, which describes to the crash kernel what to save',
      },
    ];
  }
  const reasons = formatReasons(machine, isCrashFact);
  const missing = `the addresses of the crash notes or of the kernel are not known${reasons}`;
  if (hasKexecFileLoad(machine, intended) === true) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: missing,
        why: 'with kexec_file_load (--syscall file), the kernel builds the ELF core header itself; only kexec_load needs these facts',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: intended.live === undefined ? 'unknown' : 'stops',
      fact: missing,
      why: 'kexec_load needs an ELF core header, which cannot be built without them: the crash kernel could save no dump',
      cure: findCure(machine),
    },
  ];
}

function findCure(machine: Machine): string {
  if (isBuiltIn(machine.kernel?.config, 'PROC_KCORE') === false)
    return 'run a kernel with CONFIG_PROC_KCORE=y, or one with CONFIG_KEXEC_FILE=y';
  if (findLockdown(machine) === 'confidentiality')
    return 'lockdown=confidentiality hides /proc/kcore: boot without it, or run a kernel with CONFIG_KEXEC_FILE=y';
  return 'read them as root, on the machine itself: kexec-file machine record, or the script of machine collector';
}
