import type { CheckTable } from './rule.js';

/**
 * What a kernel that boots without firmware has to be given: without it, the load succeeds and the machine is stranded.
 * They are notes of a load; with `--strict` they refuse it.
 */
export const NEXT_BOOT_CHECKS = {
  'command-line-present': {
    rule: 'the next kernel gets a command line, unless one is built into it',
    source: 'kexec-file',
    errnos: ['ENODATA'],
    cure: "give one (--command-line), or reuse the running kernel's (--reuse-cmdline; for a crash kernel, --capture-cmdline)",
  },
  'root-device': {
    rule: 'without an initrd, the next kernel mounts what root= names: a device, a PARTUUID or a PARTLABEL',
    source: 'prepare_namespace(), early_lookup_bdev()',
    errnos: ['ENOENT'],
    cure: 'load an initrd (--initrd), or a command line whose root= the kernel can mount without one',
  },
  'initrd-present': {
    rule: 'the next kernel gets an initrd if the running kernel had one',
    source: 'kexec-file',
    errnos: ['ENOENT'],
    cure: 'load one: --initrd /boot/initrd.img-… or /boot/initramfs-….img; kexec-file crash initrd builds one for a crash kernel',
  },
  'initrd-support': {
    rule: 'the next kernel can use an initrd, and has the decompressor for every archive in it',
    source: 'CONFIG_BLK_DEV_INITRD, CONFIG_RD_*, decompress_method()',
    errnos: ['EOPNOTSUPP'],
    cure: 'compress the initrd with what the kernel has: COMPRESS= in /etc/initramfs-tools/initramfs.conf, compress= in /etc/dracut.conf',
  },
  console: {
    rule: 'the next kernel prints to the console of the running one',
    source: 'console= on the command line, stdout-path in /chosen',
    errnos: ['ENOENT'],
    cure: 'add console= with the device of the running kernel (cat /proc/consoles), or reuse its command line',
  },
  'uefi-properties': {
    rule: 'the next kernel of a UEFI machine finds in /chosen each property that it asks for: without one, it ignores UEFI and ACPI',
    source: 'efi_get_fdt_params(); linux,uefi-secure-boot: the kernels of Debian, Ubuntu and Fedora',
    errnos: ['ENODATA'],
    cure: 'boot the running kernel by its EFI stub, which writes them, and load again without --dtb',
  },
} as const satisfies CheckTable;
