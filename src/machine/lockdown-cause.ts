import { findParameterValues } from './command-line.js';
import { readStubSecureBoot } from './efi-variables.js';
import type { MachineFacts } from './machine-facts.js';

/** What locked a kernel down: kernel_lockdown(7). */
export type LockdownCause = 'secure-boot' | 'parameter' | 'configuration';

/**
 * Finds what locked the running kernel down, in the order in which the kernel does it: security/lockdown/lockdown.c, and
 * the patch by which distributions lock their kernels under Secure Boot.
 *
 * @returns undefined if the machine value does not say; root may have written to /sys/kernel/security/lockdown
 */
export function findLockdownCause(machine: MachineFacts): LockdownCause | undefined {
  const { commandLine = '', kernel: { config = {} } = {} } = machine;
  if (config.LOCK_DOWN_IN_EFI_SECURE_BOOT === 'y' && readStubSecureBoot(machine) === true)
    return 'secure-boot';
  if (['INTEGRITY', 'CONFIDENTIALITY'].some((level) => config[`LOCK_DOWN_KERNEL_FORCE_${level}`] === 'y'))
    return 'configuration';
  return findParameterValues(commandLine, 'lockdown').length > 0 ? 'parameter' : undefined;
}
