import type { CheckTable } from './rule.js';

const INITRAMFS = 'Documentation/driver-api/early-userspace/buffer-format.rst';

const BUILD_AGAIN = 'fetch or build the archive again (cpio -H newc, update-initramfs, dracut)';

/** Files that kexec-file inspects but does not interpret when it loads them. */
export const INSPECTION_CHECKS = {
  'file-kind': {
    rule: 'the file has a format that kexec-file knows',
    source: 'kexec-file',
    errnos: ['EINVAL', 'ENOEXEC'],
    cure: 'kexec-file inspect --help lists the formats; file(1) knows more of them',
  },
  'cpio-header': {
    rule: 'every entry begins with 070701 or 070702 and 13 numbers of 8 hex digits',
    source: INITRAMFS,
    errnos: ['EINVAL'],
    cure: BUILD_AGAIN,
  },
  'cpio-entry': {
    rule: "an entry's name has 1 to 4096 bytes, its NUL included; name and data lie within the archive",
    source: INITRAMFS,
    errnos: ['EINVAL'],
    cure: BUILD_AGAIN,
  },
  'cpio-checksum': {
    rule: 'the checksum of a 070702 entry is the sum of the bytes of its data',
    source: INITRAMFS,
    errnos: ['EINVAL'],
    cure: BUILD_AGAIN,
  },
} as const satisfies CheckTable;
