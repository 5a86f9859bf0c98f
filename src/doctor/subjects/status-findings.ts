import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';

/** Finds which kernels are loaded already. */
export function diagnoseStatus({ crashRegion }: Machine, { live }: IntendedLoad): Finding[] {
  return [
    ...(live?.loaded === true ? [LOADED] : []),
    ...(live?.crashLoaded === undefined || crashRegion === undefined
      ? []
      : [diagnoseCrashKernel(live.crashLoaded)]),
  ];
}

const LOADED: Finding = {
  topic: 'status',
  severity: 'fine',
  about: 'kexec',
  fact: 'a kernel is loaded',
  why: 'kexec-file exec starts it; another load replaces it',
  source: '/sys/kernel/kexec_loaded',
};

function diagnoseCrashKernel(isLoaded: boolean): Finding {
  const finding = { topic: 'status', about: 'kdump', source: '/sys/kernel/kexec_crash_loaded' } as const;
  if (isLoaded) {
    return {
      ...finding,
      severity: 'fine',
      fact: 'a crash kernel is loaded',
      why: 'a panic starts it',
    };
  }
  return {
    ...finding,
    severity: 'warns',
    fact: 'memory is reserved for a crash kernel, but none is loaded',
    why: 'without a crash kernel, a panic saves no dump',
    cure: 'load one: kexec-file load --panic, or a service that does (systemctl enable --now kexec-file-kdump, or kdump-tools)',
  };
}
