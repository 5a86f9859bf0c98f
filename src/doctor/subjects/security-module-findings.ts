import type { Machine } from '../../machine/machine-value.js';
import type { Finding, FindingFrame } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';

/** SELinux's domains in which root is not restricted. */
const FREE_DOMAINS = /:(unconfined_t|unconfined_service_t|sysadm_t|kernel_t|init_t)(:|$)/;

const DENIED = 'if its policy does not allow it, the system call fails with EPERM or EACCES, also for root';

/** Finds which security modules can refuse a load, and whether they restrict this process. */
export function diagnoseSecurityModules({ kernel }: Machine, { live }: IntendedLoad): Finding[] {
  const modules = kernel?.securityModules ?? [];
  const label = live?.securityLabel;
  return [
    ...(modules.includes('selinux') || kernel?.selinuxEnforcing !== undefined
      ? [diagnoseSelinux(kernel?.selinuxEnforcing, label)]
      : []),
    ...(modules.includes('apparmor') ? [diagnoseAppArmor(label)] : []),
  ];
}

function diagnoseSelinux(isEnforcing: boolean | undefined, label: string | undefined): Finding {
  const frame: FindingFrame = {
    topic: 'permission',
    about: 'both',
    source: '/sys/fs/selinux/enforce, /proc/self/attr/current; security_kernel_read_file(), capable()',
  };
  if (isEnforcing === false) {
    const why = 'it logs what it would deny, and lets it pass';
    return { ...frame, severity: 'fine', fact: 'SELinux is permissive', why };
  }
  const state = isEnforcing === true ? 'SELinux is enforcing' : 'SELinux is active';
  if (label === undefined) {
    const fact = `${state}: a service that loads kernels needs sys_boot in the policy of its domain (kdump_t)`;
    return { ...frame, severity: 'fine', fact, why: DENIED };
  }
  if (FREE_DOMAINS.test(label)) {
    const why = 'its policy does not restrict this domain';
    return { ...frame, severity: 'fine', fact: `${state}, and the process runs as ${label}`, why };
  }
  return {
    ...frame,
    severity: 'warns',
    fact: `${state}, and the process runs in a domain of its own: ${label}`,
    why: DENIED,
    cure:
      'search the audit log for denials (ausearch -m avc -ts recent), and allow them (audit2allow -M), or try ' +
      'semanage permissive -a DOMAIN; or load from a root shell, which is unconfined',
  };
}

/** The label of a confined process is `PROFILE (enforce)` or `PROFILE (complain)`. */
function diagnoseAppArmor(label: string | undefined): Finding {
  const frame: FindingFrame = {
    topic: 'permission',
    about: 'both',
    source: '/sys/kernel/security/lsm, /proc/self/attr/current; apparmor_capable()',
  };
  if (label?.endsWith('(enforce)') !== true) {
    const state = label === undefined ? '' : `, and does not restrict this process (${label})`;
    const why = 'only a process with a profile is restricted: it needs "capability sys_boot," there';
    return { ...frame, severity: 'fine', fact: `AppArmor is active${state}`, why };
  }
  return {
    ...frame,
    severity: 'warns',
    fact: `AppArmor restricts this process: ${label}`,
    why: DENIED,
    cure: 'add "capability sys_boot," to the profile, and the paths of kernel and initrd; or load from a shell without a profile (aa-status lists them)',
  };
}
