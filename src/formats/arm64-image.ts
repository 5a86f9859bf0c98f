import { BoundedBytes } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { describeFile, nameFile } from './foreign/name-file.js';
import { hasMagic } from './magics.js';

/** In bytes. */
export const IMAGE_HEADER_SIZE = 64;

/** Flags, bits 1 and 2, to bytes. */
const PAGE_SIZES = [undefined, 4096, 16384, 65536] as const;

/**
 * The header of an arm64 Image, as Documentation/arch/arm64/booting.rst ("Call the kernel image") defines it.
 * Every field is little-endian, also in the Image of a big-endian kernel.
 */
export interface ImageHeader {
  /** The first instruction; it, or the second one, branches to the kernel's entry. */
  readonly code0: number;
  readonly code1: number;
  /** The offset of the Image from a 2 MiB aligned base, in bytes. */
  readonly textOffset: bigint;
  /**
   * The memory that the kernel needs from the start of the Image, in bytes, bss included.
   *
   * 0 in kernels before 3.17: their textOffset, in the kernel's own byte order, must be treated as 0x80000, and the
   * size is unknown. The loader decides whether to accept such an Image.
   */
  readonly imageSize: bigint;
  /** All flags; the next four fields are its bits. */
  readonly flags: bigint;
  /** Bit 0: the kernel is big-endian. */
  readonly bigEndian: boolean;
  /** Bits 1 and 2: the kernel's page size in bytes; undefined if unspecified. */
  readonly pageSize: 4096 | 16384 | 65536 | undefined;
  /** Bit 3: the base may be anywhere below 2^48. Otherwise it should be close to the start of RAM. */
  readonly placeAnywhere: boolean;
  /** Bits 4 to 63, not shifted; the document requires 0. */
  readonly reservedFlags: bigint;
  /** res2, res3 and res4; the document requires 0. */
  readonly reserved: readonly [bigint, bigint, bigint];
  /** The last word (res5): the file offset of the PE header, or 0. */
  readonly peOffset: number;
  /** Whether the Image begins with "MZ": it is a PE file that UEFI can start and that can be signed. */
  readonly hasEfiStub: boolean;
}

/** A short file of another kind is not cut short: it is named. */
function requireHeader(bytes: Uint8Array): void {
  if (bytes.length >= IMAGE_HEADER_SIZE) return;
  const named = nameFile(bytes);
  const what = named === undefined ? '' : `; the file is ${named.name}`;
  refuse(
    'image-header',
    'EINVAL',
    `arm64 Image: the header of ${IMAGE_HEADER_SIZE} bytes does not lie in the file's ${formatBytes(bytes.length)}${what}`,
    { offset: 0, cure: named?.cure },
  );
}

/**
 * Parses the header of an arm64 Image. Values that no loader accepts are returned, too.
 *
 * @param bytes - the Image, or at least its first 64 bytes
 * @throws KexecError `EINVAL`, check `image-header`: fewer than 64 bytes; `image-magic`: no "ARM\x64" at offset 56
 */
export function parseImageHeader(bytes: Uint8Array): ImageHeader {
  const header = new BoundedBytes(bytes, { what: 'arm64 Image', check: 'image-header', errno: 'EINVAL' });
  requireHeader(bytes);

  if (!hasMagic(bytes, 'image')) {
    const magic = header.u32le(56);
    const cure = nameFile(bytes)?.cure;
    refuse(
      'image-magic',
      'EINVAL',
      `arm64 Image: the magic number is ${hex(magic)}; the file ${describeFile(bytes)}`,
      { offset: 56, cure },
    );
  }

  const code0 = header.u32le(0);
  const flags = header.u64le(24);
  return {
    code0,
    code1: header.u32le(4),
    textOffset: header.u64le(8),
    imageSize: header.u64le(16),
    flags,
    bigEndian: (flags & 1n) !== 0n,
    pageSize: PAGE_SIZES[Number((flags >> 1n) & 3n)],
    placeAnywhere: (flags & 8n) !== 0n,
    reservedFlags: flags & ~0xfn,
    reserved: [header.u64le(32), header.u64le(40), header.u64le(48)],
    peOffset: header.u32le(60),
    hasEfiStub: hasMagic(bytes, 'mz'),
  };
}
