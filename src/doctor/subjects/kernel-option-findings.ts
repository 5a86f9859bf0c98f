import { hasReservation } from '../../crash/crashkernel/reserve-crashkernel.js';
import { isBuiltIn, type KernelOptions } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import { findFatality, findVerifierFault } from '../../trust/kernel-rules.js';
import type { Finding } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';
import { formatReasons } from './unknown-findings.js';

const RUNNING = "the running kernel's configuration; kernel/Kconfig.kexec";

/** Finds what the running kernel's configuration lets it load, and whether the crash kernel's lets it save a dump. */
export function diagnoseKernelOptions(machine: Machine, intended: IntendedLoad, next: NextKernel): Finding[] {
  const options = machine.kernel?.config;
  return [
    ...(options === undefined
      ? diagnoseWithoutOptions(machine, intended)
      : [
          ...diagnoseSystemCalls(options),
          ...diagnoseCrashDump(options, machine),
          ...diagnoseSignatureOptions(machine),
        ]),
    ...diagnoseProcVmcore(next),
  ];
}

/** On a live machine, sysfs shows whether the kernel has kexec at all. */
function diagnoseWithoutOptions(machine: Machine, intended: IntendedLoad): Finding[] {
  if (intended.live !== undefined && intended.live.loaded === undefined) {
    return [
      {
        topic: 'kernel-options',
        severity: 'stops',
        about: 'both',
        fact: 'there is no /sys/kernel/kexec_loaded',
        why: 'either sysfs is not mounted, or the running kernel has neither CONFIG_KEXEC nor CONFIG_KEXEC_FILE, and both system calls fail with ENOSYS',
        cure: 'mount sysfs on /sys and run this again; otherwise run a kernel with CONFIG_KEXEC=y or CONFIG_KEXEC_FILE=y',
        source: 'kernel/ksysfs.c',
      },
    ];
  }
  const has = hasKexecFileLoad(machine, intended);
  const call = has === undefined ? '' : `; it has ${has ? '' : 'no '}kexec_file_load(2)`;
  return [
    {
      topic: 'kernel-options',
      severity: 'unknown',
      about: 'both',
      fact: `the running kernel's configuration is not known${formatReasons(machine, ({ fact }) => fact === 'config')}${call}`,
      why: 'it decides whether the kernel has kexec_load, kexec_file_load and crash dumps, and what they check',
      cure: 'install /boot/config-$(uname -r), or record the machine with its configuration (modprobe configs creates /proc/config.gz)',
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
        why: 'both system calls fail with ENOSYS',
        cure: 'run a kernel with CONFIG_KEXEC=y or CONFIG_KEXEC_FILE=y',
      },
    ];
  }
  const [has, lacks] = hasFile ? ['kexec_file_load', 'kexec_load'] : ['kexec_load', 'kexec_file_load'];
  const fact = `the running kernel has ${hasFile && hasSegments ? `${has} and ${lacks}` : `${has}, and no ${lacks}`}`;
  const why = hasFile
    ? 'with kexec_file_load, the kernel verifies and places the files'
    : 'kexec_load takes segments: kexec-file verifies and places them itself (--syscall auto does so)';
  const evidence = { check: 'running-call', ...(hasFile && hasSegments ? { holds: true } : {}) } as const;
  return [{ ...finding, severity: 'fine', fact, why, evidence }];
}

function diagnoseCrashDump(options: KernelOptions, { kernel }: Machine): Finding[] {
  const finding = { topic: 'kernel-options', about: 'kdump', source: RUNNING } as const;
  if (isBuiltIn(options, 'CRASH_DUMP') === true) {
    const why = 'it reserves a crash region and loads crash kernels into it';
    return [{ ...finding, severity: 'fine', fact: 'the running kernel has CONFIG_CRASH_DUMP', why }];
  }
  if (hasReservation(kernel) === true) {
    const fact = `the running kernel, ${kernel?.release}, reserves for crash kernels without CONFIG_CRASH_DUMP`;
    const why = 'before Linux 6.9, only a capture kernel needs the option';
    return [{ ...finding, severity: 'fine', fact, why }];
  }
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'the running kernel has no CONFIG_CRASH_DUMP',
      why: 'crashkernel= reserves nothing, so that no crash kernel can be loaded',
      cure: 'run a kernel with CONFIG_CRASH_DUMP=y',
    },
  ];
}

/** A kernel that checks signatures but cannot verify those of an Image refuses all of them. */
function diagnoseSignatureOptions(machine: Machine): Finding[] {
  const fault = findVerifierFault(machine);
  if (fault === undefined) return [];
  const demand = findFatality(fault, machine);
  const isFatal = demand !== undefined;
  return [
    {
      topic: 'kernel-options',
      severity: isFatal ? 'stops' : 'warns',
      about: 'both',
      fact: fault.seen,
      why: isFatal
        ? `kexec_file_load fails with EKEYREJECTED, whatever the kernel: ${demand.because}`
        : 'kexec_file_load rejects every signature with EKEYREJECTED; under lockdown, the load then fails with EPERM',
      cure: fault.cure,
      evidence: { check: 'running-verify', ...(isFatal ? { holds: false } : {}) },
      source: `${RUNNING}; kexec_image_verify_sig()`,
    },
  ];
}

/** Without a given kernel, the running one is also taken for the crash kernel. */
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
      cure: 'use a crash kernel with CONFIG_PROC_VMCORE=y (it needs CONFIG_CRASH_DUMP)',
      source: "the crash kernel's configuration; fs/proc/vmcore.c",
    },
  ];
}
