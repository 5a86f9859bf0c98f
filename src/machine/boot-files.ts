/**
 * Files by which boot loaders and their tools are recognised. Collectors record which of them exist, not their contents.
 */
export const BOOT_FILES = [
  // GRUB: Debian and its relatives, Fedora and its relatives, others
  '/etc/default/grub',
  '/usr/sbin/update-grub',
  '/usr/sbin/grubby',
  '/usr/sbin/grub2-mkconfig',
  '/usr/sbin/update-bootloader',
  // Images of the system: the boot loader's entries belong to ostree
  '/run/ostree-booted',
  '/usr/bin/rpm-ostree',
  // systemd-boot and UKIs
  '/etc/kernel/cmdline',
  '/usr/bin/kernel-install',
  '/usr/bin/ukify',
  '/boot/loader/loader.conf',
  '/boot/efi/loader/loader.conf',
  '/efi/loader/loader.conf',
  // U-Boot: its menu in extlinux.conf, flash-kernel, Armbian, its environment
  '/boot/extlinux/extlinux.conf',
  '/usr/sbin/u-boot-update',
  '/etc/default/u-boot',
  '/etc/default/flash-kernel',
  '/boot/armbianEnv.txt',
  '/boot/uEnv.txt',
  '/etc/fw_env.config',
  // The firmware of the Raspberry Pi
  '/boot/firmware/cmdline.txt',
  '/boot/cmdline.txt',
] as const;

export type BootFile = (typeof BOOT_FILES)[number];
