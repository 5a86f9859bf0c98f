import { attempt, KexecError } from '../base/error.js';
import { findMachineArchitecture } from './architectures.js';
import { findUefiBoot } from './booted-by-uefi.js';
import type { MachineFacts } from './machine-facts.js';

/** efivarfs puts four bytes of attributes before a variable's contents. */
const ATTRIBUTES_BYTES = 4;

/** `enum efi_secureboot_mode`: what the stub puts into boot_params and, patched for it, into `linux,uefi-secure-boot`. */
const MODES: Readonly<Record<number, boolean>> = { 2: false, 3: true };

/**
 * Whether UEFI Secure Boot is on, as the kernel finds it: `SecureBoot` is 1, and `SetupMode` is not (kernel function
 * `efi_get_secureboot_mode()`). Without the variables, by what the kernel's EFI stub found; off without UEFI.
 *
 * @returns undefined if neither was recorded
 */
export function readSecureBoot(machine: MachineFacts): boolean | undefined {
  const { SecureBoot, SetupMode } = machine.efiVariables ?? {};
  const value = SecureBoot?.[ATTRIBUTES_BYTES];
  if (value === undefined) return findUefiBoot(machine) === false ? false : readStubMode(machine);
  return value === 1 && SetupMode?.[ATTRIBUTES_BYTES] !== 1;
}

/**
 * Whether Secure Boot is on, as the kernel's EFI stub found it: kernel function `efi_get_secureboot()`. What it found is
 * in /chosen of the device tree, or in boot_params, and Debian's and Fedora's kernels lock themselves down by it. It is off, too, if shim does not verify
 * (MokSBStateRT: `mokutil --disable-validation`). Without that, as {@link readSecureBoot}.
 *
 * @returns undefined if neither was recorded
 */
export function readStubSecureBoot(machine: MachineFacts): boolean | undefined {
  return readStubMode(machine) ?? readSecureBoot(machine);
}

/** Whether Secure Boot is on, as the kernel's EFI stub found it. @returns undefined if it did not say, or that was not recorded */
export function readStubMode(machine: MachineFacts): boolean | undefined {
  const mode = attempt(() => findMachineArchitecture(machine).readStubSecureBoot(machine));
  return mode === undefined || mode instanceof KexecError ? undefined : MODES[mode];
}

/**
 * Reads an EFI variable that holds a text in UTF-16, such as `LoaderInfo`.
 *
 * @returns undefined if it was not recorded
 */
export function readEfiText(
  { efiVariables = {} }: MachineFacts,
  name: 'LoaderInfo' | 'StubInfo',
): string | undefined {
  const variable = efiVariables[name];
  if (variable === undefined) return undefined;
  return new TextDecoder('utf-16le').decode(variable.subarray(ATTRIBUTES_BYTES)).replace(/\0.*$/s, '');
}
