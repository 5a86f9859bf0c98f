import { adviseLimit, ENABLING_CURE } from '../../kexec/load-permission.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad, LiveFacts } from '../intended-load.js';

/** `CAP_SYS_BOOT` of `include/uapi/linux/capability.h`. */
const CAP_SYS_BOOT = 22n;

const RULE = 'kexec_load_permitted()';
const SYSCTL = '/proc/sys/kernel';

const REFUSED = { check: 'live-permission', holds: false } as const;

/** Finds whether the process may load a kernel, and whether anyone may. */
export function diagnosePermissions(machine: Machine, { live }: IntendedLoad): Finding[] {
  return [
    ...(live === undefined ? [] : diagnoseProcess(live)),
    ...diagnoseDisabled(machine, live),
    ...diagnoseLimit('kexec', 'kexec_load_limit_reboot', machine.kernel?.kexecLoadLimitReboot),
    ...diagnoseLimit('kdump', 'kexec_load_limit_panic', machine.kernel?.kexecLoadLimitPanic),
  ];
}

/** Finds what the process may do. This needs no machine value. */
export function diagnoseProcess(live: LiveFacts): Finding[] {
  return [...diagnoseCapability(live), ...diagnoseNamespace(live), ...diagnoseSeccomp(live)];
}

function diagnoseCapability({ capabilities }: LiveFacts): Finding[] {
  if (capabilities === undefined) return [];
  const finding = {
    topic: 'permission',
    about: 'both',
    why: 'both system calls, and entering a loaded kernel, need CAP_SYS_BOOT; without it, they fail with EPERM',
    source: `CapEff in /proc/self/status; ${RULE}`,
  } as const;
  if ((capabilities & (1n << CAP_SYS_BOOT)) !== 0n)
    return [{ ...finding, severity: 'fine', fact: 'the process has CAP_SYS_BOOT' }];
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'the process lacks CAP_SYS_BOOT',
      evidence: REFUSED,
      cure: 'run it as root (sudo kexec-file …); in a container or a service, grant CAP_SYS_BOOT',
    },
  ];
}

function diagnoseNamespace({ isFirstUserNamespace }: LiveFacts): Finding[] {
  if (isFirstUserNamespace !== false) return [];
  return [
    {
      topic: 'permission',
      severity: 'stops',
      about: 'both',
      fact: 'the process is in a user namespace of its own',
      evidence: REFUSED,
      why: 'kexec checks capabilities in the initial user namespace, where this process has none: it fails with EPERM',
      cure: 'run it outside the container, as root of the machine',
      source: `/proc/self/uid_map; ${RULE}`,
    },
  ];
}

function diagnoseSeccomp({ hasSeccompFilter }: LiveFacts): Finding[] {
  if (hasSeccompFilter !== true) return [];
  return [
    {
      topic: 'permission',
      severity: 'warns',
      about: 'both',
      fact: 'a seccomp filter decides which system calls the process may make',
      why: 'the filters of container runtimes refuse kexec_load, kexec_file_load and reboot, with EPERM or ENOSYS',
      cure: 'run it outside the container, or without the filter (docker run --security-opt seccomp=unconfined)',
      source: 'Seccomp in /proc/self/status; seccomp(2)',
    },
  ];
}

function diagnoseDisabled({ kernel }: Machine, live: LiveFacts | undefined): Finding[] {
  if (kernel?.kexecLoadDisabled === undefined) return [];
  const finding = {
    topic: 'permission',
    about: 'both',
    source: `${SYSCTL}/kexec_load_disabled; ${RULE}`,
  } as const;
  if (!kernel.kexecLoadDisabled) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: 'kernel.kexec_load_disabled is 0',
        why: 'loading is not disabled',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'kernel.kexec_load_disabled is 1',
      evidence: REFUSED,
      why: `loading and unloading fail with EPERM, for root too${describeLoadedKernels(live)}`,
      cure: ENABLING_CURE,
    },
  ];
}

function describeLoadedKernels(live: LiveFacts | undefined): string {
  const loaded = [
    ...(live?.loaded === true ? ['the loaded kernel can still be started'] : []),
    ...(live?.crashLoaded === true ? ['a panic still starts the loaded crash kernel'] : []),
  ];
  return loaded.map((what) => `; ${what}`).join('');
}

function diagnoseLimit(about: 'kexec' | 'kdump', name: string, left: number | undefined): Finding[] {
  if (left === undefined) return [];
  const finding = {
    topic: 'permission',
    about,
    why: `each call that loads or unloads ${about === 'kdump' ? 'a crash kernel' : 'a kernel'}, even a refused one, lowers the limit by 1; at 0, calls fail with EPERM`,
    source: `${SYSCTL}/${name}; ${RULE}`,
  } as const;
  if (left < 0) return [{ ...finding, severity: 'fine', fact: `kernel.${name} sets no limit` }];
  const cure = adviseLimit(name);
  if (left > 0) {
    const calls = left === 1 ? '1 call' : `${left} calls`;
    return [{ ...finding, severity: 'warns', fact: `kernel.${name} leaves ${calls}`, cure }];
  }
  return [{ ...finding, severity: 'stops', fact: `kernel.${name} is 0`, cure, evidence: REFUSED }];
}
