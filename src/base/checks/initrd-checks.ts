import type { CheckTable } from './rule.js';

const UNPACK = 'unpack_to_rootfs()';

/**
 * What the next kernel needs of an initrd. kexec_file_load(2) loads any bytes: it is the next kernel that unpacks them.
 * What is certainly wrong is a note of the load; with `--strict` it refuses the load.
 */
export const INITRD_CHECKS = {
  'initrd-kind': {
    rule: 'an initrd is cpio archives in newc or crc format, each plain or compressed',
    source: UNPACK,
    errnos: ['EINVAL'],
    cure: 'give the initrd itself: /boot/initrd.img-*, /boot/initramfs-*.img',
  },
  'initrd-settings': {
    rule: "an initrd is compressed with settings that the kernel's decoders have",
    source: 'lib/decompress_*.c',
    errnos: ['EOPNOTSUPP'],
    cure: 'compress it with xz --check=crc32, lz4 -l, zstd without --long, or gzip -n',
  },
  'initrd-whole': {
    rule: 'every archive of an initrd is complete and well-formed',
    source: UNPACK,
    errnos: ['EBADMSG'],
    cure: 'build it again, on a file system with enough space: update-initramfs -u, dracut --force',
  },
  'initrd-members': {
    rule: 'after an archive of an initrd follow zeros, or a further archive: a plain one on a multiple of 4 bytes',
    source: UNPACK,
    errnos: ['EINVAL'],
    cure: 'pad each part with zeros to a multiple of 4 bytes before the next is appended, and append nothing else',
  },
  'initrd-work': {
    rule: 'of an initrd, at most 256 archives and 192 MiB, or 16 times its size, are unpacked to examine them',
    source: 'kexec-file',
    errnos: [],
    cure: 'test it with the tool that built it: lsinitramfs, lsinitrd',
  },
  'initrd-room': {
    rule: 'the files of an initrd fit into the memory of the kernel that unpacks them; without root=, into half of it',
    source: 'init_rootfs(), shmem_default_max_blocks()',
    errnos: [],
    cure: 'make the initrd smaller (MODULES=dep, dracut --hostonly), or give the kernel more memory',
  },
} as const satisfies CheckTable;
