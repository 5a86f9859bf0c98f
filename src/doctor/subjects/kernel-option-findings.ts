import { CHECKS } from '../../base/checks.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import { isBuiltIn, type KernelOptions } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';
import { hasKexecFileLoad } from './lockdown-findings.js';
import { formatReasons } from './unknown-findings.js';

const RUNNING = "the running kernel's configuration; kernel/Kconfig.kexec";

/** What the running kernel can load, by its configuration, and what a crash kernel could save. */
export function diagnoseKernelOptions(machine: Machine, subject: IntendedLoad, next: NextKernel): Finding[] {
  const options = machine.kernel?.config;
  return [
    ...(options === undefined
      ? diagnoseWithoutOptions(machine, subject)
      : [
          ...diagnoseSystemCalls(options),
          ...diagnoseCrashDump(options),
          ...diagnoseSignatureOptions(options),
        ]),
    ...diagnoseProcVmcore(next),
  ];
}

/** Of a machine that is alive, sysfs tells whether there is any kexec. */
function diagnoseWithoutOptions(machine: Machine, subject: IntendedLoad): Finding[] {
  if (subject.live !== undefined && subject.live.loaded === undefined) {
    return [
      {
        topic: 'kernel-options',
        severity: 'stops',
        about: 'both',
        fact: 'there is no /sys/kernel/kexec_loaded',
        why: 'the running kernel has neither CONFIG_KEXEC nor CONFIG_KEXEC_FILE, and both system calls are ENOSYS; or sysfs is not mounted',
        cure: 'mount sysfs on /sys and look again; else run a kernel with CONFIG_KEXEC=y or CONFIG_KEXEC_FILE=y',
        source: 'kernel/ksysfs.c',
      },
    ];
  }
  const has = hasKexecFileLoad(machine, subject);
  return [
    {
      topic: 'kernel-options',
      severity: 'unknown',
      about: 'both',
      fact: `the running kernel's configuration is not known${
        has === undefined ? '' : `, but that it has ${has ? '' : 'no '}kexec_file_load(2)`
      }${formatReasons(machine, ({ fact }) => fact === 'config')}`,
      why: 'it decides whether there are kexec_load, kexec_file_load and crash dumps, and what kexec checks',
      cure: 'install /boot/config-$(uname -r), or record the machine with its configuration (modprobe configs makes /proc/config.gz)',
      source: RUNNING,
    },
  ];
}

function diagnoseSystemCalls(options: KernelOptions): Finding[] {
  const hasSegments = isBuiltIn(options, 'KEXEC') === true;
  const hasFile = isBuiltIn(options, 'KEXEC_FILE') === true;
  const finding = { topic: 'kernel-options', about: 'both', source: RUNNING } as const;
  if (!hasSegments && !hasFile) {
    return [
      {
        ...finding,
        severity: 'stops',
        fact: 'the running kernel has neither CONFIG_KEXEC nor CONFIG_KEXEC_FILE',
        evidence: { check: 'running-call', holds: false },
        why: 'both system calls are ENOSYS',
        cure: 'run a kernel with CONFIG_KEXEC=y or CONFIG_KEXEC_FILE=y',
      },
    ];
  }
  const [has, lacks] = hasFile ? ['kexec_file_load', 'kexec_load'] : ['kexec_load', 'kexec_file_load'];
  const fact = `the running kernel has ${hasFile && hasSegments ? `${has} and ${lacks}` : `${has}, and no ${lacks}`}`;
  const why = hasFile
    ? 'with kexec_file_load the kernel verifies and places what is loaded'
    : 'kexec_load takes segments: kexec-file verifies and places them itself (--syscall auto does so)';
  const evidence = { check: 'running-call', ...(hasFile && hasSegments ? { holds: true } : {}) } as const;
  return [{ ...finding, severity: 'fine', fact, why, evidence }];
}

function diagnoseCrashDump(options: KernelOptions): Finding[] {
  const finding = { topic: 'kernel-options', about: 'kdump', source: RUNNING } as const;
  if (isBuiltIn(options, 'CRASH_DUMP') === true) {
    const why = 'it reserves a crash region and loads crash kernels into it';
    return [{ ...finding, severity: 'fine', fact: 'the running kernel has CONFIG_CRASH_DUMP', why }];
  }
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'the running kernel has no CONFIG_CRASH_DUMP',
      why: 'crashkernel= reserves nothing, and a crash kernel finds no place',
      cure: 'run a kernel with CONFIG_CRASH_DUMP=y',
    },
  ];
}

/** A kernel that is told to check, but not how to check an Image, finds no signature good. */
function diagnoseSignatureOptions(options: KernelOptions): Finding[] {
  if (isBuiltIn(options, 'KEXEC_SIG') !== true || isBuiltIn(options, 'KEXEC_IMAGE_VERIFY_SIG') === true)
    return [];
  const isForced = isBuiltIn(options, 'KEXEC_SIG_FORCE') === true;
  return [
    {
      topic: 'kernel-options',
      severity: isForced ? 'stops' : 'warns',
      about: 'both',
      fact: `the running kernel has CONFIG_KEXEC_SIG${isForced ? '_FORCE' : ''}, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG`,
      why: `kexec_file_load cannot verify an Image, and finds every signature bad: EKEYREJECTED${
        isForced ? '' : ', which under lockdown becomes EPERM'
      }`,
      cure: CHECKS['running-verify'].cure,
      evidence: { check: 'running-verify', ...(isForced ? { holds: false } : {}) },
      source: `${RUNNING}; kexec_image_verify_sig()`,
    },
  ];
}

/** What the crash kernel itself must have; it is mostly the running one once more. */
function diagnoseProcVmcore({ options, about, load }: NextKernel): Finding[] {
  const isCrashKernel = about === 'kdump' || load === undefined;
  if (options === undefined || !isCrashKernel || isBuiltIn(options, 'PROC_VMCORE') === true) return [];
  return [
    {
      topic: 'kernel-options',
      severity: 'stops',
      about: 'kdump',
      fact: 'the crash kernel has no CONFIG_PROC_VMCORE',
      why: 'it starts after a panic, but has no /proc/vmcore to save',
      cure: 'take a crash kernel with CONFIG_PROC_VMCORE=y (it needs CONFIG_CRASH_DUMP)',
      source: "the crash kernel's configuration; fs/proc/vmcore.c",
    },
  ];
}
