import { BoundedBytes, decodeLatin1 } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { crc32 } from './compression/checksums.js';
import { hasMagic } from './magics.js';

/** U-Boot's include/image.h: the legacy image format. All numbers are big-endian. */
const HEADER_SIZE = 64;
const HEADER_CRC = { start: 4, end: 8 };
const TYPE = 30;
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

/** Whether a uImage has a kernel, for whatever architecture, by the type in its header. */
export function hasKernelType(uimage: Uint8Array): boolean {
  const type = uimage[TYPE];
  return type === TYPE_KERNEL || type === TYPE_KERNEL_NOLOAD;
}

/** Types of images, and what to do with each. */
const OTHER_TYPES: Readonly<Record<number, readonly [name: string, cure: string]>> = {
  1: ['a program', 'give the kernel'],
  3: ['a ramdisk', 'give it with --initrd, and the kernel as FILE'],
  4: ['several files (multi)', 'dumpimage -T multi -p 0 takes the kernel out, -p 1 the ramdisk'],
  5: ['firmware', 'give the kernel'],
  6: ["a script for U-Boot's command source", 'give the kernel that it loads'],
  7: ['a filesystem', 'take it out (dumpimage -p 0), mount it, and give the kernel in it'],
  8: ['a device tree', "the machine's own is used; give the kernel"],
};

const KERNEL_TYPE_NAME = 'a kernel';
const ARM64_NAME = 'arm64';

const OTHER_ARCHITECTURES: Readonly<Record<number, string>> = {
  2: '32-bit Arm',
  3: '32-bit x86',
  5: 'MIPS',
  7: 'PowerPC',
  24: 'x86-64',
  26: 'RISC-V',
};

/** Refuses an image of another kind than a kernel for arm64. */
function checkContents(bytes: BoundedBytes): void {
  const fail = (at: number, seen: string, cure?: string): never =>
    refuse('uimage', 'ENOEXEC', `uImage: ${seen}`, { offset: at, cure });
  const [os, arch, type] = [bytes.u8(28), bytes.u8(29), bytes.u8(TYPE)];
  if (!hasKernelType(bytes.bytes)) {
    const [name = 'no kernel', cure] = OTHER_TYPES[type] ?? [];
    fail(TYPE, `an image of type number ${type}, ${name}`, cure);
  }
  if (os !== OS_LINUX) fail(28, `the operating system is number ${os}, not Linux`);
  if (arch === ARCH_ARM64) return;
  const name = OTHER_ARCHITECTURES[arch];
  fail(29, `the architecture is number ${arch}${name === undefined ? '' : `, ${name}`}, not arm64`);
}

/** A uImage of any contents. */
export interface AnyUimage extends Uimage {
  /** `a kernel`, `a ramdisk`; for types that are not known here, their number. */
  readonly type: string;
  readonly architecture: string | undefined;
}

/**
 * Parses a uImage of a Linux kernel for arm64, and verifies the CRCs of its header and its data.
 *
 * @throws KexecError `ENOEXEC`, check `uimage`.
 */
export function parseUimage(file: Uint8Array): Uimage {
  return readUimage(file, checkContents);
}

/** Parses a uImage of any contents, and verifies its CRCs. @throws KexecError `ENOEXEC`, check `uimage`. */
export function parseAnyUimage(file: Uint8Array): AnyUimage {
  const image = readUimage(file, () => {});
  const [arch = 0, type = 0] = file.subarray(29, TYPE + 1);
  return {
    ...image,
    type: hasKernelType(file) ? KERNEL_TYPE_NAME : (OTHER_TYPES[type]?.[0] ?? `number ${type}`),
    architecture: arch === ARCH_ARM64 ? ARM64_NAME : OTHER_ARCHITECTURES[arch],
  };
}

function readUimage(file: Uint8Array, check: (bytes: BoundedBytes) => void): Uimage {
  const bytes = new BoundedBytes(file, { what: 'uImage', check: 'uimage', errno: 'ENOEXEC' });
  const header = Uint8Array.from(bytes.slice(0, HEADER_SIZE, 'the header'));
  if (!isUimage(file)) bytes.fail(`the magic is ${hex(bytes.u32be(0))}`, 0);
  header.fill(0, HEADER_CRC.start, HEADER_CRC.end);
  if (crc32(header) !== bytes.u32be(HEADER_CRC.start)) bytes.fail('the CRC of the header does not hold', 4);

  check(bytes);
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
