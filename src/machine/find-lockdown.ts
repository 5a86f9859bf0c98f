import { findParameterValues } from './command-line.js';
import { readStubSecureBoot } from './efi-variables.js';
import type { Lockdown } from './lockdown.js';
import type { MachineFacts } from './machine-facts.js';

/**
 * The running kernel's lockdown: the recorded one or, if it was not recorded, what configuration, command line and
 * Secure Boot make certain.
 *
 * @returns undefined if nothing makes it certain: the kernel may be locked down, or not
 */
export function findLockdown(machine: MachineFacts): Lockdown | undefined {
  const { lockdown, commandLine = '', kernel: { config = {}, securityModules } = {} } = machine;
  if (lockdown !== undefined) return lockdown;
  if (config.SECURITY_LOCKDOWN_LSM !== 'y' || securityModules?.includes('lockdown') === false)
    return undefined;
  const asked = findParameterValues(commandLine, 'lockdown');
  if (asked.includes('confidentiality') || config.LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY === 'y')
    return 'confidentiality';
  const isForced = config.LOCK_DOWN_KERNEL_FORCE_INTEGRITY === 'y';
  const isBySecureBoot = config.LOCK_DOWN_IN_EFI_SECURE_BOOT === 'y' && readStubSecureBoot(machine) === true;
  return asked.includes('integrity') || isForced || isBySecureBoot ? 'integrity' : undefined;
}
