import { BoundedBytes, decodeLatin1 } from '../base/bytes.js';
import { hex } from '../base/u64.js';
import { crc32 } from './compression/checksums.js';
import { hasMagic } from './magics.js';

/** U-Boot's include/image.h: the legacy image format. All numbers are big-endian. */
const HEADER_SIZE = 64;
const HEADER_CRC = { start: 4, end: 8 };
const NAME = { start: 32, size: 32 };

const OS_LINUX = 5;
const ARCH_ARM64 = 22;
const TYPE_KERNEL = 2;
const TYPE_KERNEL_NOLOAD = 14;

const COMPRESSIONS = ['none', 'gzip', 'bzip2', 'lzma', 'lzo', 'lz4', 'zstd'] as const;

/** U-Boot's name of a compression. */
export type UBootCompression = (typeof COMPRESSIONS)[number];

/** A kernel with a U-Boot header before it. */
export interface Uimage {
  readonly name: string;
  readonly compression: UBootCompression;
  /** U-Boot's load address and entry point, which kexec ignores. */
  readonly load: number;
  readonly entry: number;
  /** Shared with the file. What follows it in the file is ignored. */
  readonly data: Uint8Array;
}

export function isUimage(bytes: Uint8Array): boolean {
  return hasMagic(bytes, 'uimage');
}

/**
 * Parses a uImage of a Linux kernel for arm64, and verifies the CRCs of its header and its data.
 *
 * @throws KexecError `ENOEXEC`, check `uimage`.
 */
export function parseUimage(file: Uint8Array): Uimage {
  const bytes = new BoundedBytes(file, { what: 'uImage', check: 'uimage', errno: 'ENOEXEC' });
  const header = Uint8Array.from(bytes.slice(0, HEADER_SIZE, 'the header'));
  if (!isUimage(file)) bytes.fail(`the magic is ${hex(bytes.u32be(0))}`, 0);
  header.fill(0, HEADER_CRC.start, HEADER_CRC.end);
  if (crc32(header) !== bytes.u32be(HEADER_CRC.start)) bytes.fail('the CRC of the header does not hold', 4);

  const [os, arch, type] = [bytes.u8(28), bytes.u8(29), bytes.u8(30)];
  if (os !== OS_LINUX) bytes.fail(`the operating system is number ${os}, not Linux`, 28);
  if (arch !== ARCH_ARM64) bytes.fail(`the architecture is number ${arch}, not arm64`, 29);
  if (type !== TYPE_KERNEL && type !== TYPE_KERNEL_NOLOAD) {
    bytes.fail(`an image of type number ${type}, not a kernel`, 30);
  }
  const compression = COMPRESSIONS[bytes.u8(31)];
  if (compression === undefined) return bytes.fail(`compression number ${bytes.u8(31)}`, 31);

  const data = bytes.slice(HEADER_SIZE, bytes.u32be(12), 'the data');
  if (crc32(data) !== bytes.u32be(24)) bytes.fail('the CRC of the data does not hold', 24);
  const name = bytes.slice(NAME.start, NAME.size, 'the name');
  const nul = name.indexOf(0);
  return {
    name: decodeLatin1(nul < 0 ? name : name.subarray(0, nul)),
    compression,
    load: bytes.u32be(16),
    entry: bytes.u32be(20),
    data,
  };
}
