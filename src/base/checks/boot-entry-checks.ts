import type { CheckTable } from './rule.js';

const BY_HAND =
  'choose an entry that kexec-file machine entries lists (--boot-entry), or give the kernel, --initrd and --command-line';

/** The entries of boot loaders. */
export const BOOT_ENTRY_CHECKS = {
  'boot-entry': {
    rule: 'a boot entry exists by the name that is given; without a name, the boot loader has a default entry',
    source: 'kexec-file',
    errnos: ['ENOENT'],
    cure: BY_HAND,
  },
  'boot-entry-form': {
    rule: 'an entry names its kernel, initrds and command line in full; what only the boot loader can decide is not guessed',
    source: 'Boot Loader Specification; GNU GRUB manual; U-Boot, doc/README.distro; Raspberry Pi, config.txt',
    errnos: ['EINVAL', 'EFBIG', 'EOPNOTSUPP'],
    cure: BY_HAND,
  },
  'boot-entry-file': {
    rule: 'the files that an entry names exist on the partition that has the entry, and that partition is mounted',
    source: 'kexec-file',
    errnos: ['ENOENT'],
    cure: 'mount the partition of the boot loader (mount /boot, mount /boot/efi), or write its entries again (update-grub, kernel-install, u-boot-update)',
  },
} as const satisfies CheckTable;
