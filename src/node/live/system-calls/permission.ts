import type { KimageType } from '../../../kexec/kimage.js';
import { type Lockdown, parseLockdown } from '../../../machine/lockdown.js';
import { readTextIfAny } from '../../files/read-file.js';
import { readPrivileges } from '../privileges.js';

/** What decides whether this process may load a kernel now; what cannot be read is left out. */
export interface PermissionFacts {
  /** Whether the process has CAP_SYS_BOOT. */
  readonly capability?: boolean;
  /** Whether it is in the first user namespace, where capabilities are those of the machine. */
  readonly isFirstUserNamespace?: boolean;
  /** `kernel.kexec_load_disabled`. */
  readonly disabled?: boolean;
  /** `kernel.kexec_load_limit_reboot`: calls that are left; -1 is no limit. */
  readonly limitReboot?: number;
  /** `kernel.kexec_load_limit_panic`. */
  readonly limitPanic?: number;
  readonly lockdown?: Lockdown;
}

/** `CAP_SYS_BOOT` (`include/uapi/linux/capability.h`). */
const CAP_SYS_BOOT = 22n;

/** Reads what decides, as it is now. What cannot be read is not known; the kernel's answer then has to do. */
export function readPermissionFacts(): PermissionFacts {
  const { capabilities, isFirstUserNamespace } = readPrivileges();
  const disabled = readNumber('/proc/sys/kernel/kexec_load_disabled');
  const limitReboot = readNumber('/proc/sys/kernel/kexec_load_limit_reboot');
  const limitPanic = readNumber('/proc/sys/kernel/kexec_load_limit_panic');
  const lockdown = parseLockdown(readTextIfAny('/sys/kernel/security/lockdown') ?? '');
  return {
    ...(capabilities === undefined ? {} : { capability: ((capabilities >> CAP_SYS_BOOT) & 1n) === 1n }),
    ...(isFirstUserNamespace === undefined ? {} : { isFirstUserNamespace }),
    ...(disabled === undefined ? {} : { disabled: disabled !== 0 }),
    ...(limitReboot === undefined ? {} : { limitReboot }),
    ...(limitPanic === undefined ? {} : { limitPanic }),
    ...(lockdown === undefined ? {} : { lockdown }),
  };
}

/** How many calls are left for a type; -1 is no limit. */
export function callsLeft({ limitReboot, limitPanic }: PermissionFacts, type: KimageType): number {
  return (type === 'crash' ? limitPanic : limitReboot) ?? -1;
}

/**
 * Why any call that loads or unloads is EPERM, by name, with the cure; nothing if it is none of this. Kernel function
 * `kexec_load_permitted()`.
 */
export function permissionFault(facts: PermissionFacts, type: KimageType): string | undefined {
  if (facts.capability === false) return 'this process lacks CAP_SYS_BOOT; run it as root';
  if (facts.isFirstUserNamespace === false) {
    return 'this process is in a user namespace, as in a container: its CAP_SYS_BOOT is not that of the machine';
  }
  if (facts.disabled === true) {
    return 'kernel.kexec_load_disabled is 1: this kernel loads and unloads nothing any more; only a reboot changes that';
  }
  if (callsLeft(facts, type) === 0) {
    const limit = type === 'crash' ? 'kernel.kexec_load_limit_panic' : 'kernel.kexec_load_limit_reboot';
    return `${limit} is 0: the calls that it allowed are used up; only a reboot changes that`;
  }
  return undefined;
}

/** Why kexec_load is EPERM under lockdown, whatever it is given; nothing if the kernel is not locked down. */
export function lockdownFault({ lockdown }: PermissionFacts): string | undefined {
  if (lockdown === undefined || lockdown === 'none') return undefined;
  return (
    `lockdown is ${lockdown}: this kernel takes no segments, whatever is in them; ` +
    'it may take a kernel that it can verify itself, by kexec_file_load (--syscall file)'
  );
}

function readNumber(path: string): number | undefined {
  const text = readTextIfAny(path)?.trim();
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
