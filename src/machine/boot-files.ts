/**
 * Files by which boot loaders and their tools are recognised. Collectors record which of them exist, not their
 * contents.
 */
export const BOOT_FILES = [
  // GRUB: Debian and its relatives, Fedora and its relatives, others
  '/etc/default/grub',
  '/usr/sbin/update-grub',
  '/usr/sbin/grubby',
  '/usr/sbin/grub2-mkconfig',
  // Systems that write the boot loader's entries themselves
  '/etc/NIXOS',
  '/run/ostree-booted',
  // systemd-boot
  '/boot/loader/loader.conf',
  '/boot/efi/loader/loader.conf',
  '/efi/loader/loader.conf',
  // U-Boot: its menu in extlinux.conf, flash-kernel, Armbian
  '/boot/extlinux/extlinux.conf',
  '/usr/sbin/u-boot-update',
  '/etc/default/u-boot',
  '/etc/default/flash-kernel',
  '/boot/armbianEnv.txt',
  // The firmware of the Raspberry Pi
  '/boot/firmware/cmdline.txt',
  '/boot/cmdline.txt',
] as const;

export type BootFile = (typeof BOOT_FILES)[number];
