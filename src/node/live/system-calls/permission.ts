import { join } from 'node:path';
import type { KimageType } from '../../../kexec/kimage.js';
import { findLimitRefusal } from '../../../kexec/load-permission.js';
import { type Lockdown, parseLockdown } from '../../../machine/lockdown.js';
import { readTextIfAny } from '../../files/read-file.js';
import { readPrivileges } from '../privileges.js';

/** What decides whether this process may load a kernel now, without facts that cannot be read. */
export interface PermissionFacts {
  /** Whether the process has CAP_SYS_BOOT. */
  readonly capability?: boolean;
  /** Whether the process is in the initial user namespace, so that its capabilities count for the machine. */
  readonly isFirstUserNamespace?: boolean;
  /** `kernel.kexec_load_disabled`. */
  readonly disabled?: boolean;
  /** `kernel.kexec_load_limit_reboot`: the number of calls left; -1 is no limit. */
  readonly limitReboot?: number;
  /** `kernel.kexec_load_limit_panic`. */
  readonly limitPanic?: number;
  readonly lockdown?: Lockdown;
}

/** `CAP_SYS_BOOT` (`include/uapi/linux/capability.h`). */
const CAP_SYS_BOOT = 22n;

/**
 * Reads what decides whether this process may load a kernel.
 *
 * @param root - the root of the file system; a folder in a test
 * @returns the facts, without those that cannot be read
 */
export function readPermissionFacts(root = '/'): PermissionFacts {
  const { capabilities, isFirstUserNamespace } = readPrivileges(root);
  const disabled = readNumber(join(root, 'proc/sys/kernel/kexec_load_disabled'));
  const limitReboot = readNumber(join(root, 'proc/sys/kernel/kexec_load_limit_reboot'));
  const limitPanic = readNumber(join(root, 'proc/sys/kernel/kexec_load_limit_panic'));
  const lockdown = parseLockdown(readTextIfAny(join(root, 'sys/kernel/security/lockdown')) ?? '');
  return {
    ...(capabilities === undefined ? {} : { capability: ((capabilities >> CAP_SYS_BOOT) & 1n) === 1n }),
    ...(isFirstUserNamespace === undefined ? {} : { isFirstUserNamespace }),
    ...(disabled === undefined ? {} : { disabled: disabled !== 0 }),
    ...(limitReboot === undefined ? {} : { limitReboot }),
    ...(limitPanic === undefined ? {} : { limitPanic }),
    ...(lockdown === undefined ? {} : { lockdown }),
  };
}

/** The number of calls left for a type; -1 is no limit. */
export function countCallsLeft({ limitReboot, limitPanic }: PermissionFacts, type: KimageType): number {
  return (type === 'crash' ? limitPanic : limitReboot) ?? -1;
}

/**
 * Finds why the kernel would answer any load or unload with EPERM: kernel function `kexec_load_permitted()`.
 *
 * @returns the reason and what to do; undefined if the facts permit calls
 */
export function findPermissionFault(facts: PermissionFacts, type: KimageType): string | undefined {
  if (facts.capability === false) return 'this process lacks CAP_SYS_BOOT; run it as root';
  if (facts.isFirstUserNamespace === false) {
    return 'this process is in a user namespace, as in a container: its CAP_SYS_BOOT does not count for the machine';
  }
  const { disabled, limitReboot, limitPanic } = facts;
  return findLimitRefusal(
    { kexecLoadDisabled: disabled, kexecLoadLimitReboot: limitReboot, kexecLoadLimitPanic: limitPanic },
    type,
  )?.seen;
}

/** Finds why kexec_load is EPERM for any segments; undefined if the kernel is not locked down. */
export function findLockdownFault({ lockdown }: PermissionFacts): string | undefined {
  if (lockdown === undefined || lockdown === 'none') return undefined;
  return (
    `lockdown is ${lockdown}: this kernel refuses kexec_load for any segments; ` +
    'with kexec_file_load (--syscall file) it may load a kernel that it can verify itself'
  );
}

function readNumber(path: string): number | undefined {
  const text = readTextIfAny(path)?.trim();
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
