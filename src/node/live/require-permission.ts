import { refuse } from '../../base/error.js';
import type { KimageType } from '../../kexec/kimage.js';
import { requireArm64Linux } from './system-calls/libc.js';
import {
  lockdownFault,
  type PermissionFacts,
  permissionFault,
  readPermissionFacts,
} from './system-calls/permission.js';

/**
 * Refuses what the kernel would refuse whatever is loaded, before anything is read or done.
 *
 * @returns the facts, which have more to tell.
 * @throws KexecError `EPERM`, check `live-permission`; `ENOSYS`, check `live-platform`.
 */
export function requirePermission(type: KimageType): PermissionFacts {
  requireArm64Linux();
  const facts = readPermissionFacts();
  const fault = permissionFault(facts, type);
  if (fault !== undefined) refuse('live-permission', 'EPERM', fault);
  return facts;
}

/** Refuses segments on a machine that is locked down. @throws KexecError `EPERM`, check `lockdown`. */
export function requireNoLockdown(facts: PermissionFacts): void {
  const fault = lockdownFault(facts);
  if (fault !== undefined) refuse('lockdown', 'EPERM', fault);
}
