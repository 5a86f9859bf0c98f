import type { CauseTable, LinePiece } from './cause.js';

const FAILED = 'Initramfs unpacking failed: ';

/**
 * The kernel logs one line for each failure: the same words, then the message of the archive or of the decompressor.
 */
const failures = (...messages: readonly string[]): LinePiece[] =>
  messages.map((message) => [FAILED, message] as const);

/**
 * What became of the initrd: init/initramfs.c, lib/decompress_*.c, init/do_mounts.c, init/main.c. After a failure the
 * kernel keeps what it unpacked so far, and continues.
 */
export const INITRD_CAUSES = {
  'initrd-no-space': {
    check: 'next-initrd',
    severity: 'stops',
    meaning:
      'the file system that the initrd is unpacked into is full: it takes half of the memory at most, and files that came ' +
      'later are missing',
    cure:
      'make the initrd smaller (MODULES=dep for initramfs-tools; for dracut, --hostonly and --omit), or give the kernel more ' +
      'memory: a larger crashkernel= for a crash kernel',
    parameter: 'crashkernel=SIZE',
    lines: failures('write error'),
  },
  'initrd-no-memory': {
    check: 'next-initrd',
    severity: 'stops',
    meaning: 'the kernel has no memory to decompress or to unpack the initrd',
    cure:
      'make the initrd smaller, or compress it with a smaller window (zstd -19 without --ultra, xz with dict=1MiB); for a ' +
      'crash kernel, reserve a larger crash region',
    parameter: 'crashkernel=SIZE',
    lines: [
      ...failures(
        'XZ decompressor ran out of memory',
        'ZSTD decompressor ran out of memory',
        'Out of memory while allocating',
        "can't allocate",
      ),
      "can't allocate link hash entry",
      "can't allocate dir_entry buffer",
    ],
  },
  'initrd-settings': {
    check: 'next-initrd',
    severity: 'stops',
    meaning: "the initrd is compressed with settings that the kernel's decoder does not have",
    cure:
      'compress it for the kernel: xz --check=crc32 --lzma2=dict=1MiB; zstd without --ultra and --long; lz4 -l; the kernel ' +
      'reads no CRC64 and no SHA-256 of xz',
    lines: failures(
      'Input was encoded with settings that are not supported by this XZ decoder',
      'Input is not in the XZ format',
      'ZSTD-compressed data has too large a window size',
      'Input is not in the ZSTD format',
    ),
  },
  'initrd-method': {
    check: 'next-initrd',
    severity: 'stops',
    meaning: 'the next kernel has no decompressor for this initrd',
    cure:
      'compress the initrd by a method that this kernel has (CONFIG_RD_GZIP, CONFIG_RD_ZSTD, …; COMPRESS= for ' +
      'initramfs-tools, --gzip for dracut)',
    lines: ['compression method ', ...failures('not configured')],
  },
  'initrd-damaged': {
    check: 'next-initrd',
    severity: 'stops',
    meaning:
      'the compressed data of the initrd is damaged or cut short, or its memory was overwritten after the load',
    cure:
      'build the initrd again, and test it (kexec-file inspect FILE; lsinitramfs, lsinitrd); if the file is whole, load with ' +
      'purgatory, which verifies the bytes in memory before the jump',
    lines: failures(
      'Decoding failed',
      'decompressor failed',
      'data corrupted',
      'file corrupted',
      'is corrupt',
      'is probably corrupt',
      'is truncated',
      'incomplete frame header',
      'unexpected EOF',
      'bad header',
      'invalid header',
      'bad data checksum',
    ),
  },
  'initrd-junk-within': {
    check: 'next-initrd',
    severity: 'stops',
    meaning:
      'a compressed part of the initrd holds something else than a cpio archive, or something behind one: another compressed ' +
      'file, a file system, a uImage, or damaged data',
    cure:
      'compress a cpio archive of the format newc (cpio -o -H newc), once; take the header of a uImage off (dumpimage, or ' +
      'tail -c +65)',
    lines: failures('junk within compressed archive', 'no cpio magic', 'incorrect cpio method used'),
  },
  'initrd-junk-at-end': {
    check: 'next-initrd',
    severity: 'stops',
    meaning:
      'a compressed part of the initrd ends in the middle of a cpio member: the archive was cut before it was compressed',
    cure: 'build the initrd again, on a file system with enough free space, and test it (kexec-file inspect FILE)',
    lines: failures('junk at the end of compressed archive', 'malformed archive'),
  },
  'initrd-padding': {
    check: 'next-initrd',
    severity: 'stops',
    meaning:
      'what the initrd begins with, or what follows a part of it, is neither a cpio archive nor compressed in a form that the ' +
      'kernel knows; an uncompressed cpio archive counts only at a multiple of 4 bytes, with nothing but zeros before it',
    cure:
      'pad each part with zeros to a multiple of 4 bytes before the next is appended; leave out what is no archive; compress ' +
      'with lz4 -l, not with the frame format of lz4; kexec-file inspect FILE shows the parts',
    lines: failures('invalid magic at start of compressed archive', 'broken padding'),
  },
  'initrd-failed': {
    check: 'next-initrd',
    severity: 'stops',
    meaning: 'the kernel cannot unpack the whole initrd',
    lines: [FAILED],
  },
  'initrd-name': {
    check: 'next-initrd',
    severity: 'stops',
    meaning: 'a name in the initrd has no zero byte at its end: the cpio archive is damaged',
    lines: ['initramfs name without nulterm', 'initramfs symlink without nulterm'],
  },
  bootconfig: {
    check: 'next-initrd',
    severity: 'warns',
    meaning: 'the kernel finds no valid bootconfig at the end of the initrd, and continues without it',
    cure:
      'append it as the last step, and change nothing behind it (tools/bootconfig -a FILE INITRD), or take "bootconfig" out of the ' +
      'command line',
    lines: [['bootconfig size ', ' is greater than initrd size '], 'bootconfig checksum failed'],
    otherLines: {
      of: 'kernels with CONFIG_BOOT_CONFIG',
      lines: [
        "'bootconfig' found on command line, but no bootconfig found",
        'Failed to parse bootconfig: ',
        'Failed to init bootconfig: ',
      ],
    },
  },
  'initrd-old-options': {
    check: 'next-initrd',
    severity: 'harmless',
    meaning: 'an option or a form of initrd is deprecated, and still works or is ignored',
    cure: 'use an initramfs, and leave out load_ramdisk=, prompt_ramdisk= and noinitrd',
    lines: [
      'wait_for_initramfs() called before rootfs_initcalls',
      'ignoring the deprecated load_ramdisk= option',
    ],
    otherLines: {
      of: 'Linux 7.3, and kernels with CONFIG_BLK_DEV_RAM',
      lines: [
        'noinitrd option is deprecated',
        'using deprecated initrd support',
        'ignoring the deprecated prompt_ramdisk= option',
      ],
    },
  },
  'initrd-no-initramfs': {
    check: 'next-initrd',
    severity: 'warns',
    meaning: 'the initrd is no cpio archive: the kernel takes it for the image of a file system',
    cure: 'load an initramfs (cpio, compressed or not) instead',
    lines: [],
    otherLines: {
      of: 'kernels with CONFIG_BLK_DEV_RAM',
      lines: [
        'rootfs image is not initramfs (',
        '/initrd.image: incomplete write',
        'Could not decompress initial ramdisk image',
        'Invalid ramdisk decompression routine',
        'RAMDISK: ',
      ],
    },
  },
  'initrd-place': {
    check: 'next-initrd',
    severity: 'stops',
    meaning:
      'the kernel cannot use the initrd where it lies: not in memory, in memory that is taken, or too far away',
    cure:
      'load again with kexec-file, which places the initrd by the rules of booting.rst; mem= on the command line of the next ' +
      'kernel must leave the initrd in memory',
    lines: [
      ['INITRD: 0x', 'is not a memory region'],
      ['INITRD: 0x', 'overlaps in-use memory region'],
      'initrd overwritten (0x',
      'initrd not fully accessible via the linear mapping',
    ],
  },
  'no-init': {
    check: 'next-root',
    severity: 'stops',
    meaning: 'the kernel finds no program to start: the initrd has no /init, or was not unpacked',
    cure:
      'search the lines before it for the initrd; load an initrd that has an executable /init, with the interpreter and the ' +
      'libraries that it needs, for this architecture',
    lines: ['No working init found'],
  },
  'init-fails': {
    check: 'next-root',
    severity: 'stops',
    meaning: 'the kernel cannot execute the init program',
    cure:
      'error -2: it or its interpreter is not in the initrd; -8: it is of another architecture, or a script without #!; ' +
      '-13: it is not executable; rdinit= and init= on the command line name it',
    lines: [
      ['Failed to execute ', ' (error '],
      ['Requested init ', ' failed (error '],
      ['Starting init: ', "couldn't execute it"],
    ],
    otherLines: { of: 'kernels with CONFIG_DEFAULT_INIT', lines: [['Default init ', ' failed (error ']] },
  },
  'no-root': {
    check: 'next-root',
    severity: 'stops',
    meaning: 'the kernel cannot mount a root file system',
    cure:
      'load the initrd (--initrd), which has the drivers for the disk; with one, search the lines before for why it was not ' +
      'unpacked; root= must name a device that this kernel finds',
    lines: ['VFS: Unable to mount root fs', 'VFS: Cannot open root device'],
  },
  'no-console': {
    check: 'next-root',
    severity: 'warns',
    meaning: 'the initrd has no /dev/console, or the kernel has no console: what init prints is lost',
    cure: 'set console= on the command line of the next kernel, and mount devtmpfs in /init',
    lines: ['unable to open an initial console'],
  },
} as const satisfies CauseTable;
