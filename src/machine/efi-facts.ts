import { findNode, getProperty } from '../formats/fdt/edit.js';
import { readU32 } from '../formats/fdt/values.js';
import { readBootTree } from './architectures.js';
import type { MachineFacts } from './machine-facts.js';

/** efivarfs puts four bytes of attributes before a variable's contents. */
const ATTRIBUTES_BYTES = 4;

/** `enum efi_secureboot_mode`: what a stub that has been patched for it puts into `linux,uefi-secure-boot`. */
const MODES: Readonly<Record<number, boolean>> = { 2: false, 3: true };

/**
 * Whether UEFI Secure Boot is on, as the kernel finds it: `SecureBoot` is 1, and `SetupMode` is not (kernel function
 * `efi_get_secureboot_mode()`). Without the variables, by /chosen of the device tree, where Debian's and Fedora's
 * kernels have it.
 *
 * @returns undefined if neither was recorded
 */
export function readSecureBoot(machine: MachineFacts): boolean | undefined {
  const { SecureBoot, SetupMode } = machine.efiVariables ?? {};
  const value = SecureBoot?.[ATTRIBUTES_BYTES];
  if (value === undefined) return readChosenMode(machine);
  return value === 1 && SetupMode?.[ATTRIBUTES_BYTES] !== 1;
}

function readChosenMode(machine: MachineFacts): boolean | undefined {
  const tree = readBootTree(machine);
  const chosen = tree && findNode(tree, '/chosen');
  const mode = chosen && getProperty(chosen, 'linux,uefi-secure-boot');
  return mode?.length === 4 ? MODES[readU32(mode)] : undefined;
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
