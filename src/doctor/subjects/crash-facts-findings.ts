import { CHECKS } from '../../base/checks.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import { isBuiltIn } from '../intended-load.js';
import { hasKexecFileLoad } from './lockdown-findings.js';
import { formatReasons, isCrashFact } from './unknown-findings.js';

/** With this many, makedumpfile knew 64K pages first, and for long no others. */
const WIDE_VA_BITS = 52n;

/** What an ELF core header is made of, and what reads the dump that it describes. */
export function diagnoseCrashFacts(machine: Machine, subject: IntendedLoad): Finding[] {
  return [...diagnoseHeader(machine, subject), ...diagnoseVaBits(machine)];
}

function diagnoseHeader(machine: Machine, subject: IntendedLoad): Finding[] {
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
        fact: `it is known where ${count === 1 ? 'the CPU notes' : `${count} CPUs note`} what they did, and where the kernel lies`,
        why: 'an ELF core header can be made of it, which tells the crash kernel what to save',
      },
    ];
  }
  const missing = 'where CPUs note what they did, or where the kernel lies, is not known';
  if (hasKexecFileLoad(machine, subject) === true) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: missing + formatReasons(machine, isCrashFact),
        why: 'kexec_file_load makes the ELF core header itself (--syscall file); only kexec_load would need this',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: subject.live === undefined ? 'unknown' : 'stops',
      fact: missing + formatReasons(machine, isCrashFact),
      why: 'kexec_load needs an ELF core header, and none can be made: a crash kernel would not know what to save',
      cure: findCure(machine),
    },
  ];
}

function findCure({ kernel, lockdown }: Machine): string {
  if (isBuiltIn(kernel?.config, 'PROC_KCORE') === false)
    return 'run a kernel with CONFIG_PROC_KCORE=y, or one with CONFIG_KEXEC_FILE=y';
  if (lockdown === 'confidentiality')
    return 'lockdown=confidentiality hides /proc/kcore: boot without it, or run a kernel with CONFIG_KEXEC_FILE=y';
  return 'read it as root, on the machine itself: kexec-file machine record, or the script of machine collector';
}

/**
 * Tools that read the dump translate addresses themselves, and have to know the width. A kernel built for 52 bits has 48
 * where the CPUs have no more: TCR_EL1.T1SZ tells.
 */
function diagnoseVaBits({ kernel, pageSize }: Machine): Finding[] {
  const size = kernel?.vmcoreinfo?.['NUMBER(TCR_EL1_T1SZ)'];
  if (size === undefined || !/^0x[0-9a-f]{1,2}$/i.test(size)) return [];
  const bits = 64n - BigInt(size);
  if (bits !== WIDE_VA_BITS || pageSize === 65536) return [];
  return [
    {
      topic: 'crash-facts',
      severity: 'warns',
      about: 'kdump',
      fact: `the running kernel has virtual addresses of ${bits} bits with pages of ${pageSize / 1024}K`,
      why: 'many releases of makedumpfile refuse such a dump ("VA Bits 52 not supported"), after the crash',
      cure: `try makedumpfile --mem-usage /proc/kcore now; if it refuses the kernel's dump, ${CHECKS['dump-tool'].cure}`,
      source: 'NUMBER(TCR_EL1_T1SZ) of VMCOREINFO; makedumpfile issue 18',
    },
  ];
}
