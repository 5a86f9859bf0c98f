import { BoundedBytes, decodeLatin1, describeStart } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { hasMagic } from './magics.js';

/** Length of the header, in bytes. */
export const IMAGE_HEADER_SIZE = 64;

/** Flags, bits 1 and 2, to bytes. */
const PAGE_SIZES = [undefined, 4096, 16384, 65536] as const;

/**
 * The header of an arm64 Image, as Documentation/arch/arm64/booting.rst ("Call the kernel image") defines it.
 * Every field is little-endian, also in the Image of a big-endian kernel.
 */
export interface ImageHeader {
  /** The first two instruction words: they branch to the kernel's entry. */
  readonly code0: number;
  readonly code1: number;
  /** Where the Image goes, in bytes from a 2 MiB aligned base. */
  readonly textOffset: bigint;
  /**
   * Memory the kernel needs from the Image's start, in bytes, its bss included.
   *
   * 0 comes from kernels before 3.17: textOffset is then to be taken for 0x80000 (it is written in the kernel's own
   * byte order), and the memory needed is unbounded. Whether such an Image is loaded is the loader's decision.
   */
  readonly imageSize: bigint;
  /** The flags as they stand; the next four say what their bits mean. */
  readonly flags: bigint;
  /** Bit 0: the kernel is big-endian. */
  readonly bigEndian: boolean;
  /** Bits 1 and 2: the kernel's page size in bytes; undefined where the Image does not say. */
  readonly pageSize: 4096 | 16384 | 65536 | undefined;
  /** Bit 3: the base may be anywhere below 2^48; otherwise it should be close to the start of RAM. */
  readonly placeAnywhere: boolean;
  /** Bits 4 to 63, in place: 0 in every Image that keeps to the document. */
  readonly reservedFlags: bigint;
  /** res2, res3 and res4: 0 in every Image that keeps to the document. */
  readonly reserved: readonly [bigint, bigint, bigint];
  /** The last word (res5): the file offset of the PE header, 0 without one. */
  readonly peOffset: number;
  /** The Image begins with "MZ" and so is a PE file, which UEFI can start, and which can be signed. */
  readonly hasEfiStub: boolean;
}

/**
 * Reads the header of an arm64 Image. It only parses: values that no loader would take are given as they are.
 *
 * @param bytes - the Image, or at least its first 64 bytes
 * @throws KexecError EINVAL, `image-header`: there are fewer than 64 bytes; `image-magic`: no "ARM\x64" at offset 56
 */
export function parseImageHeader(bytes: Uint8Array): ImageHeader {
  const header = new BoundedBytes(bytes, { what: 'arm64 Image', check: 'image-header', errno: 'EINVAL' });
  header.slice(0, IMAGE_HEADER_SIZE, 'the header');

  if (!hasMagic(bytes, 'image')) {
    const magic = header.u32le(56);
    refuse('image-magic', 'EINVAL', `arm64 Image: the magic number is ${hex(magic)}; ${whatElse(bytes)}`, {
      offset: 56,
    });
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

/** What is given for an arm64 Image by mistake: where its magic is, the magic, and its name. */
const OTHERS: readonly (readonly [number, string, string])[] = [
  [0x202, 'HdrS', 'a kernel for x86'],
  [0x24, '\x18\x28\x6f\x01', 'a kernel for 32-bit Arm'],
  [0x38, 'RSC\x05', 'a kernel for RISC-V'],
  [0, '\x7fELF', 'an ELF file'],
  [0, 'MZ', 'a PE file'],
];

/** What a file is that is no arm64 Image, or how it begins. */
function whatElse(bytes: Uint8Array): string {
  const other = OTHERS.find(([at, magic]) => decodeLatin1(bytes.subarray(at, at + magic.length)) === magic);
  if (other !== undefined) return `the file is ${other[2]}`;
  return `the file ${describeStart(bytes)}`;
}
