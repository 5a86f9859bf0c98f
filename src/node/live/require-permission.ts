import { refuse } from '../../base/error.js';
import type { KimageType } from '../../kexec/kimage.js';
import { requireAbi } from './system-calls/abi.js';
import { findPermissionFault, type PermissionFacts, readPermissionFacts } from './system-calls/permission.js';

/**
 * Refuses, before anything is read or changed, if the kernel would refuse any load.
 *
 * @returns the facts that decide
 * @throws KexecError `EPERM`, check `live-permission`; `ENOSYS`, check `live-platform`.
 */
export function requirePermission(type: KimageType): PermissionFacts {
  requireAbi();
  const facts = readPermissionFacts();
  const fault = findPermissionFault(facts, type);
  if (fault !== undefined) refuse('live-permission', 'EPERM', fault);
  return facts;
}
