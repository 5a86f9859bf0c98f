import { findMachineArchitecture } from '../../machine/architectures.js';
import { findUefiBoot } from '../../machine/booted-by-uefi.js';
import { findRuntimeDisabling } from '../../machine/efi-runtime.js';
import { readSecureBoot, readStubMode } from '../../machine/efi-variables.js';
import { lacksChange } from '../../machine/kernel-changes.js';
import type { MachineFacts } from '../../machine/machine-facts.js';

/**
 * Whether the running kernel's IMA finds Secure Boot on. On x86_64, it takes what the EFI stub found, so that Secure Boot is off
 * if shim does not verify (`mokutil --disable-validation`). On arm64 it asks the firmware, for which that makes no
 * difference. Kernel functions `arch_get_secureboot()` and, in older kernels, `arch_ima_get_secureboot()`.
 *
 * @returns undefined if that was not recorded
 */
export function readImaSecureBoot(machine: MachineFacts): boolean | undefined {
  const { config } = machine.kernel ?? {};
  if (lacksChange(machine, 'ima-arch-policy')) return false;
  // It asks with the first option or, in newer kernels, with the second.
  const asks = config?.IMA_SECURE_AND_OR_TRUSTED_BOOT === 'y' || config?.HAVE_ARCH_GET_SECUREBOOT === 'y';
  if (hasIntegrityOptions(machine) && !asks) return false;
  if (findUefiBoot(machine) === false) return false;
  const byStub = findMachineArchitecture(machine).imaTakesStubMode ? readStubMode(machine) : undefined;
  if (byStub !== undefined) return byStub;
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
