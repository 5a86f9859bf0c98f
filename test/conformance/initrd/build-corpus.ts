/**
 * Initrds as dracut, mkinitcpio and initramfs-tools lay them out, and as people damage them. Built by the tools that
 * build initrds, so their bytes depend on the tools' versions: answers.json has the bytes that a kernel was asked
 * about.
 */
import { gzipSync } from 'node:zlib';
import { encodeLatin1 } from '../../../src/base/bytes.js';
import { crc32 } from '../../../src/formats/compression/checksums.js';
import { buildCpio, type CpioSource } from '../../../src/formats/cpio.js';
import { COMPRESSORS, type Compressor, compress } from '../../support/kernel-files.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const filled = (count: number, byte: number): Uint8Array => new Uint8Array(count).fill(byte);

/** Lines that compress, but not to nothing. */
const LINES = text(
  Array.from({ length: 60 }, (_, line) => `line ${line} ${(line * 7919) % 1009}\n`).join(''),
);

const ENTRIES: readonly CpioSource[] = [
  { name: 'etc', type: 'directory' },
  { name: 'etc/lines', type: 'file', bytes: LINES },
  { name: 'etc/link', type: 'symlink', target: 'lines' },
  { name: 'init', type: 'file', bytes: text('#!/bin/sh\n'), permissions: 0o755 },
];

const MAIN = buildCpio(ENTRIES);
const MORE = buildCpio([{ name: 'more', type: 'file', bytes: LINES.subarray(0, 333) }]);
const EARLY = buildCpio([
  { name: 'kernel', type: 'directory' },
  { name: 'kernel/microcode.bin', type: 'file', bytes: filled(700, 0xa5) },
]);

/** The archive without its trailer and the padding after it. */
const ENTRIES_ONLY = MAIN.subarray(0, Buffer.from(MAIN).lastIndexOf('070701'));
const HALF = MAIN.subarray(0, 800);
const REST = MAIN.subarray(800);

/** A compressor other than the usual: a program and its arguments. */
function pack(bytes: Uint8Array, compressor: Compressor, ...more: readonly string[]): Uint8Array {
  return compress(bytes, compressor, ...more);
}

const KINDS: Readonly<Record<string, Compressor>> = {
  gzip: 'gzip',
  bzip2: 'bzip2',
  lzma: 'lzma',
  xz: 'xz',
  lzo: 'lzo',
  lz4: 'lz4 legacy',
  zstd: 'zstd',
};

function align(bytes: Uint8Array, alignment: number): Uint8Array {
  return join(bytes, zeros((alignment - (bytes.length % alignment)) % alignment));
}

/** Puts a member at an offset that leaves a remainder, where the kernel does not look for a cpio archive. */
function misalign(bytes: Uint8Array, remainder: number): Uint8Array {
  return join(align(bytes, 4), zeros(remainder));
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  const index = at < 0 ? bytes.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0x01;
  return copy;
}

/** gzip with optional fields of RFC 1952, and the flags that announce them. */
function gzipWith(flags: number, fields: Uint8Array): Uint8Array {
  const plain = new Uint8Array(gzipSync(MAIN));
  const header = plain.slice(0, 10);
  header[3] = flags;
  return join(header, fields, plain.subarray(10));
}

/** A bootconfig of Documentation/admin-guide/bootconfig.rst, as the tool of that name appends it. */
function bootconfig(initrd: Uint8Array): Uint8Array {
  const config = text('kernel.a = 1\0');
  const padded = join(config, zeros((4 - ((initrd.length + config.length + 8 + 12) % 4)) % 4));
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(padded.length, 0);
  numbers.writeUInt32LE(
    padded.reduce((sum, byte) => sum + byte, 0),
    4,
  );
  return join(initrd, padded, numbers, text('#BOOTCONFIG\n'));
}

function uimage(data: Uint8Array, type: number): Uint8Array {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x27051956, 0);
  header.writeUInt32BE(data.length, 12);
  header.writeUInt32BE(crc32(data), 24);
  header.set([5, 22, type, 0], 28);
  header.write('initrd', 32);
  header.writeUInt32BE(crc32(header), 4);
  return join(header, data);
}

function withHeaderField(archive: Uint8Array, offset: number, value: string): Uint8Array {
  const copy = archive.slice();
  copy.set(encodeLatin1(value), offset);
  return copy;
}

/** An archive in crc format; every file's checksum is right, or off by one. */
function crcFormat(error: number): Uint8Array {
  const copy = Buffer.from(MAIN);
  for (let at = copy.indexOf('070701'); at >= 0; at = copy.indexOf('070701', at + 6)) {
    copy.write('070702', at, 'latin1');
    const [mode, size, nameSize] = [14, 54, 94].map((field) =>
      Number.parseInt(copy.toString('latin1', at + field, at + field + 8), 16),
    ) as [number, number, number];
    if ((mode & 0o170000) !== 0o100000) continue;
    const start = (at + 110 + nameSize + 3) & ~3;
    const sum = copy.subarray(start, start + size).reduce((total, byte) => total + byte, error);
    copy.write(sum.toString(16).padStart(8, '0'), at + 102, 'latin1');
  }
  return new Uint8Array(copy);
}

function fill(
  base: string,
  build: (name: string, kind: Compressor) => Uint8Array,
): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(KINDS).map(([name, kind]) => [`${name} ${base}`, build(name, kind)]),
  );
}

function buildLayouts(): Record<string, Uint8Array> {
  const gzip = pack(MAIN, 'gzip');
  return {
    cpio: MAIN,
    'cpio, then cpio': join(EARLY, MAIN),
    'cpio without trailer': ENTRIES_ONLY,
    'crc format': crcFormat(0),
    'zeros only': zeros(64),
    ...fill('alone', (_, kind) => pack(MAIN, kind)),
    ...fill('after early cpio', (_, kind) => join(EARLY, pack(MAIN, kind))),
    ...fill('after early cpio and a page of zeros', (_, kind) => join(align(EARLY, 4096), pack(MAIN, kind))),
    ...fill('padded to 512', (_, kind) => align(join(pack(MAIN, kind), zeros(5)), 512)),
    ...fill('twice', (_, kind) => join(pack(MAIN, kind), pack(MORE, kind))),
    ...fill('then aligned cpio', (_, kind) => join(misalign(join(pack(MAIN, kind), zeros(4)), 0), MORE)),
    ...fill('without trailer', (_, kind) => pack(ENTRIES_ONLY, kind)),
    'early cpio, early cpio, zstd': join(EARLY, MORE, pack(MAIN, 'zstd')),
    'zeros, then gzip': join(zeros(7), gzip),
    'gzip with a file name': gzipWith(8, text('initrd\0')),
    'gzip, then unaligned xz': join(misalign(gzip, 3), pack(MORE, 'xz')),
    'xz without check': pack(MAIN, 'xz', '--check=none'),
    'xz in blocks': pack(MAIN, 'xz', '--block-size=512'),
    'xz with a dictionary of 64 MiB': pack(MAIN, 'xz', '--lzma2=dict=64MiB'),
    'xz with arm64 filter': pack(MAIN, 'xz', '--arm64', '--lzma2=preset=0'),
    'zstd with checksum': pack(MAIN, 'zstd', '--check'),
    'zstd without checksum': pack(MAIN, 'zstd', '--no-check'),
    'zstd -19': pack(MAIN, 'zstd', '-19'),
    'zstd with a window of 128 MiB': withZstdWindow(27),
    'lzop with crc32': pack(MAIN, 'lzo', '--crc32'),
    'bootconfig after gzip': bootconfig(gzip),
    'bootconfig after cpio': bootconfig(MAIN),
  };
}

/** A frame of one raw block with a window of 2^log bytes. */
function withZstdWindow(log: number): Uint8Array {
  const block = Buffer.alloc(3);
  block.writeUIntLE((MAIN.length << 3) | 1, 0, 3);
  return join(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3), block, MAIN);
}

function buildSettings(): Record<string, Uint8Array> {
  const packed = pack(MAIN, 'zstd');
  return {
    'xz with CRC64': pack(MAIN, 'xz', '--check=crc64'),
    'xz with SHA-256': pack(MAIN, 'xz', '--check=sha256'),
    'early cpio, xz with CRC64': join(EARLY, pack(MAIN, 'xz', '--check=crc64')),
    'gzip, then xz with CRC64': join(pack(MAIN, 'gzip'), pack(MORE, 'xz', '--check=crc64')),
    'xz with x86 filter': pack(MAIN, 'xz', '--x86', '--lzma2=preset=0'),
    'xz with delta filter': pack(MAIN, 'xz', '--delta', '--lzma2=preset=0'),
    'xz with arm64 filter from 4096': pack(MAIN, 'xz', '--arm64=start=4096', '--lzma2=preset=0'),
    'lz4 frame': pack(MAIN, 'lz4'),
    'early cpio, lz4 frame': join(EARLY, pack(MAIN, 'lz4')),
    'zstd after a skippable frame': join(
      Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4),
      packed,
    ),
    'zstd, then a skippable frame': join(
      packed,
      Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4),
    ),
    'zstd with a window of 256 MiB': withZstdWindow(28),
    ...fill('in two pieces', (_, kind) => join(pack(HALF, kind), pack(REST, kind))),
    'lzop without checksums': pack(MAIN, 'lzo', '-F'),
    'gzip with an extra field': gzipWith(4, Uint8Array.of(3, 0, 1, 2, 3)),
    'gzip with a comment': gzipWith(16, text('a comment\0')),
    'gzip with a header CRC': gzipWith(2, Uint8Array.of(1, 2)),
    'gzip of gzip': pack(pack(MAIN, 'gzip'), 'gzip'),
    'gzip of text': pack(LINES, 'gzip'),
    'gzip of nothing': pack(zeros(0), 'gzip'),
    'lz4, then gzip': join(pack(MAIN, 'lz4 legacy'), pack(MORE, 'gzip')),
    'old compress': Uint8Array.of(0x1f, 0x9e, 0x90, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
  };
}

function buildDamage(): Record<string, Uint8Array> {
  const gzip = pack(MAIN, 'gzip');
  const header = Buffer.from(MAIN).indexOf('070701', 300);
  return {
    ...fill('cut in half', (_, kind) => halve(pack(MAIN, kind))),
    ...fill('without its last 4 bytes', (_, kind) => pack(MAIN, kind).slice(0, -4)),
    ...fill('with a damaged byte', (_, kind) => flip(pack(MAIN, kind), pack(MAIN, kind).length >> 1)),
    ...fill('with a damaged last byte', (_, kind) => flip(pack(MAIN, kind), -1)),
    'gzip without its last 9 bytes': gzip.slice(0, -9),
    'gzip with a wrong CRC': flip(gzip, -8),
    'early cpio, gzip cut in half': join(EARLY, halve(gzip)),
    'cpio cut in a header': MAIN.slice(0, header + 50),
    'cpio cut in a name': MAIN.slice(0, header + 112),
    'cpio cut in a file': MAIN.slice(0, 700),
    'gzip of cpio cut in a file': pack(MAIN.slice(0, 700), 'gzip'),
    'zstd of cpio cut in a header': pack(MAIN.slice(0, header + 50), 'zstd'),
    'xz of cpio cut after a file without padding': pack(MAIN.slice(0, ENTRIES_ONLY.length - 2), 'xz'),
    'cpio, then text': join(MAIN, LINES),
    'cpio, then 0xff': join(MAIN, filled(100, 0xff)),
    'gzip, then text': join(gzip, LINES),
    'gzip, then 0xff to 4096': join(gzip, filled(4096 - gzip.length, 0xff)),
    'gzip, then cpio at 1 mod 4': join(misalign(gzip, 1), MORE),
    'gzip, then cpio at 2 mod 4': join(misalign(gzip, 2), MORE),
    'zstd, then cpio at 3 mod 4': join(misalign(pack(MAIN, 'zstd'), 3), MORE),
    'cpio, then cpio at 2 mod 4': join(misalign(MAIN, 2), MORE),
    'odc format': text(`070707${'0'.repeat(70)}init`),
    'gzip of odc format': pack(text(`070707${'0'.repeat(200)}`), 'gzip'),
    'crc format with a wrong checksum': crcFormat(1),
    'cpio with a damaged magic': withHeaderField(MAIN, header, '070901'),
    'cpio with a letter in its size': withHeaderField(MAIN, header + 54, '0000zz00'),
    'cpio with a name without NUL': withHeaderField(MAIN, header + 94, '00000003'),
    'cpio with a name of 1 MiB': withHeaderField(MAIN, header + 94, '00100000'),
    'cpio with a file of 2 GiB': withHeaderField(MAIN, header + 54, '80000000'),
  };
}

function halve(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, bytes.length >> 1);
}

function buildMistakes(): Record<string, Uint8Array> {
  const gzip = pack(MAIN, 'gzip');
  const image = Buffer.alloc(4096);
  image.write('MZ', 0);
  image.writeBigUInt64LE(0x10000n, 16);
  image.write('ARM\x64', 56, 'latin1');
  const elf = Buffer.alloc(256);
  elf.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  return {
    'uImage of a ramdisk': uimage(gzip, 3),
    'uImage of a kernel': uimage(gzip, 2),
    'arm64 Image': new Uint8Array(image),
    'gzip of an arm64 Image': pack(new Uint8Array(image), 'gzip'),
    'device tree': join(Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed, 0, 0, 1, 0), zeros(248)),
    ELF: new Uint8Array(elf),
    text: LINES,
    'squashfs image': join(text('hsqs'), filled(500, 3)),
    'one byte': Uint8Array.of(0x31),
    'one 0': text('0'),
  };
}

/** Builds all initrds, by name. */
export function buildCorpus(): Record<string, Uint8Array> {
  return { ...buildLayouts(), ...buildSettings(), ...buildDamage(), ...buildMistakes() };
}

export { COMPRESSORS };
