import { findRuntimeDisabling } from '../../machine/efi-runtime.js';
import { readSecureBoot } from '../../machine/efi-variables.js';
import { hasChange } from '../../machine/kernel-changes.js';
import type { MachineFacts } from '../../machine/machine-facts.js';

/**
 * Whether the running kernel's IMA finds Secure Boot on. It asks the firmware, and not the boot loader: that shim does
 * not verify (`mokutil --disable-validation`) makes no difference on arm64. Kernel functions `arch_get_secureboot()` and,
 * in older kernels, `arch_ima_get_secureboot()`.
 *
 * @returns undefined if that was not recorded
 */
export function readImaSecureBoot(machine: MachineFacts): boolean | undefined {
  const { architecture, kernel: { release, config } = {} } = machine;
  if (architecture === 'arm64' && !hasChange(release, 'ima-arch-policy')) return false;
  // It asks with the first option or, in newer kernels, with the second.
  const asks = config?.IMA_SECURE_AND_OR_TRUSTED_BOOT === 'y' || config?.HAVE_ARCH_GET_SECUREBOOT === 'y';
  if (hasIntegrityOptions(machine) && !asks) return false;
  // Where variables were recorded, the firmware answers.
  if (machine.efiVariables?.SecureBoot === undefined && !canAsk(machine)) return false;
  return readSecureBoot(machine);
}

/** Whether the configuration was recorded with the options of the kernel's integrity subsystem: newer machine files. */
export function hasIntegrityOptions({ kernel: { config } = {} }: MachineFacts): boolean {
  return config?.INTEGRITY === 'y';
}

/** Whether the kernel can ask the firmware for variables, which is a runtime service. */
function canAsk(machine: MachineFacts): boolean {
  return machine.efi?.services?.includes('variables') ?? findRuntimeDisabling(machine) === undefined;
}
