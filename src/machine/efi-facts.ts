import type { MachineFacts } from './machine-facts.js';

/** efivarfs puts four bytes of attributes before a variable's contents. */
const ATTRIBUTES_BYTES = 4;

/**
 * Whether UEFI Secure Boot is on, as the kernel finds it: `SecureBoot` is 1, and `SetupMode` is not (kernel function
 * `efi_get_secureboot_mode()`).
 *
 * @returns undefined if the variable was not recorded, or has no contents
 */
export function readSecureBoot({ efiVariables = {} }: MachineFacts): boolean | undefined {
  const { SecureBoot, SetupMode } = efiVariables;
  const value = SecureBoot?.[ATTRIBUTES_BYTES];
  if (value === undefined) return undefined;
  return value === 1 && SetupMode?.[ATTRIBUTES_BYTES] !== 1;
}

/** Reads an EFI variable that holds a text in UTF-16, such as `LoaderInfo`. @returns undefined if it was not recorded */
export function readEfiText(
  { efiVariables = {} }: MachineFacts,
  name: 'LoaderInfo' | 'StubInfo',
): string | undefined {
  const variable = efiVariables[name];
  if (variable === undefined) return undefined;
  return new TextDecoder('utf-16le').decode(variable.subarray(ATTRIBUTES_BYTES)).replace(/\0.*$/s, '');
}
