/** The magic numbers of file formats, in one table, for parsers and for the detection of formats. */
import { encodeLatin1, equalBytes } from '../base/bytes.js';

interface Magic {
  /** Where it is in the file, in bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const MAGICS = {
  /** An MZ header: a PE file, an arm64 Image with an EFI stub, a zboot image. */
  mz: ascii('MZ'),
  /** An arm64 Image: Documentation/arch/arm64/booting.rst. */
  image: ascii('ARM\x64', 56),
  /** A kernel for x86: Documentation/arch/x86/boot.rst. */
  bzimage: ascii('HdrS', 0x202),
  /** A zboot image, which begins with `mz`, too: drivers/firmware/efi/libstub/zboot-header.S. */
  zboot: ascii('zimg', 4),
  elf: ascii('\x7fELF'),
  /** A device tree: Devicetree Specification, section 5.2. */
  fdt: octets(0xd0, 0x0d, 0xfe, 0xed),
  /** U-Boot's legacy image format: include/image.h. */
  uimage: octets(0x27, 0x05, 0x19, 0x56),
  /**
   * A cpio archive in either of the formats of an initrd: Documentation/driver-api/early-userspace/buffer-format.rst.
   */
  cpio: ascii('07070'),
  gzip: octets(0x1f, 0x8b),
  zstd: octets(0x28, 0xb5, 0x2f, 0xfd),
  xz: octets(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
  lz4Frame: octets(0x04, 0x22, 0x4d, 0x18),
  lz4Legacy: octets(0x02, 0x21, 0x4c, 0x18),
  bzip2: ascii('BZh'),
  lzop: octets(0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a),
} as const satisfies Record<string, Magic>;

export type MagicName = keyof typeof MAGICS;

/**
 * Whether a file has the magic number of a format. Bytes that are too short for it do not have it.
 *
 * @param bytes - the file, or its first bytes
 */
export function hasMagic(bytes: Uint8Array, name: MagicName): boolean {
  const { offset, bytes: magic } = MAGICS[name];
  return equalBytes(bytes.subarray(offset, offset + magic.length), magic);
}

/** Returns a copy of a magic number, for writers. */
export function magicBytes(name: MagicName): Uint8Array {
  return MAGICS[name].bytes.slice();
}

/** The length of a magic number, in bytes. */
export function magicLength(name: MagicName): number {
  return MAGICS[name].bytes.length;
}

function ascii(text: string, offset = 0): Magic {
  return { offset, bytes: encodeLatin1(text) };
}

function octets(...values: readonly number[]): Magic {
  return { offset: 0, bytes: Uint8Array.from(values) };
}
