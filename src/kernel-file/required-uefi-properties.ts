import { encodeLatin1, findBytes } from '../base/bytes.js';
import { parseImageHeader } from '../formats/arm64-image.js';
import { SECURE_BOOT_PROPERTY, UEFI_PROPERTIES } from '../machine/uefi-properties.js';

const SECURE_BOOT_NAME = encodeLatin1(`${SECURE_BOOT_PROPERTY}\0`);

/**
 * Finds the properties of /chosen without which a kernel ignores UEFI. It has their names in a table, and gives up at
 * the first that is missing (kernel function `efi_get_fdt_params()`). Debian, Ubuntu and Fedora add
 * `linux,uefi-secure-boot` to the table, and make their EFI stub write it; the mainline kernel does not contain the name.
 *
 * @param image - an arm64 Image
 * @returns their names; none for a kernel without CONFIG_EFI, which has no EFI stub either
 * @throws KexecError `EINVAL` as `parseImageHeader()`
 */
export function readRequiredUefiProperties(image: Uint8Array): readonly string[] {
  if (!parseImageHeader(image).hasEfiStub) return [];
  const isPatched = findBytes(image, SECURE_BOOT_NAME) >= 0;
  return UEFI_PROPERTIES.filter((name) => isPatched || name !== SECURE_BOOT_PROPERTY);
}
