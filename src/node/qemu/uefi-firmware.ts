import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';

/** Where distributions install UEFI firmware for QEMU's board virt. */
const INSTALLED = [
  // Debian and Ubuntu, qemu-efi-aarch64
  '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd',
  // Fedora, edk2-aarch64
  '/usr/share/edk2/aarch64/QEMU_EFI.fd',
  // openSUSE, qemu-uefi-aarch64
  '/usr/share/qemu/qemu-uefi-aarch64.bin',
] as const;

/**
 * Builds QEMU's options for the firmware. UEFI starts the kernel of `-kernel` by its EFI stub.
 *
 * @param kernel - the Image
 * @param installed - paths of UEFI firmware; the first that exists is used
 * @throws KexecError check `qemu-firmware`: `ENOENT`, if no UEFI firmware is installed; `EINVAL` for a kernel without an
 *   EFI stub.
 */
export function buildFirmwareArguments(
  firmware: QemuFirmware,
  kernel: Uint8Array,
  installed: readonly string[] = INSTALLED,
): string[] {
  if (firmware === 'none') return [];
  const path = installed.find((candidate) => existsSync(candidate));
  if (path === undefined)
    refuse('qemu-firmware', 'ENOENT', `none of these files exists: ${installed.join(', ')}`);
  if (!parseImageHeader(kernel).hasEfiStub) {
    const seen = 'the kernel has no EFI stub (CONFIG_EFI_STUB), by which UEFI would start it';
    refuse('qemu-firmware', 'EINVAL', seen, { cure: 'give a kernel that was built with CONFIG_EFI' });
  }
  return ['-bios', path];
}
