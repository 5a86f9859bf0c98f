import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SystemImage } from './image.js';

/**
 * Writes the files of a disk that UEFI firmware boots: shim, which the firmware verifies by Microsoft's key; GRUB, which
 * shim verifies by Debian's; and the kernel, which GRUB has shim verify.
 *
 * @param folder - made for them
 * @param commandLine - the kernel's
 */
export function writeBootDisk(folder: string, image: SystemImage, commandLine: string): void {
  const files = {
    // What firmware starts from a disk without a boot entry (UEFI 2.10, 3.5.1.1).
    'EFI/BOOT/BOOTAA64.EFI': image.shim,
    'EFI/BOOT/grubaa64.efi': image.grub,
    vmlinuz: image.kernel,
    'initrd.img': image.initrd,
  };
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(source, join(folder, name));
  }
  // Debian's signed GRUB reads its configuration there.
  mkdirSync(join(folder, 'EFI/debian'));
  writeFileSync(
    join(folder, 'EFI/debian/grub.cfg'),
    `linux /vmlinuz ${commandLine}\ninitrd /initrd.img\nboot\n`,
  );
}
