import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import type { QemuPlatform } from './qemu-platform.js';

/**
 * Builds QEMU's options for the firmware. UEFI starts the kernel of `-kernel` by its EFI stub.
 *
 * @param kernel - of the platform's kind
 * @throws KexecError check `qemu-firmware`: `ENOENT`, if no UEFI firmware is installed; `EINVAL` for a kernel without an
 *   EFI stub.
 */
export function buildFirmwareArguments(
  platform: QemuPlatform,
  firmware: QemuFirmware,
  kernel: Uint8Array,
): string[] {
  if (firmware === 'none') return [];
  const { package: name, installed, buildArguments } = platform.firmware;
  const path = installed.find((candidate) => existsSync(candidate));
  if (path === undefined)
    refuse('qemu-firmware', 'ENOENT', `none of these files exists: ${installed.join(', ')}`, {
      cure: `install it (on Debian: apt-get install ${name}), or leave it out with --firmware none`,
    });
  if (!platform.hasEfiStub(kernel)) {
    const seen = 'the kernel has no EFI stub (CONFIG_EFI_STUB), by which UEFI would start it';
    refuse('qemu-firmware', 'EINVAL', seen, { cure: 'give a kernel that was built with CONFIG_EFI' });
  }
  return buildArguments(path);
}
