import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { DISK_DUMP_HEADER_SIZE, PAGE_DESCRIPTOR_SIZE, SUB_HEADER_SIZE } from './format.js';

const LIMIT: ReadLimit = { what: 'compressed dump', check: 'kdump-header', errno: 'EINVAL', limit: 1 << 26 };

/**
 * A bit for each page frame of 64 TiB with pages of 4 KiB. Bitmaps are read completely, and a flattened dump may claim any
 * size.
 */
const MAX_BITMAP_BYTES = 1n << 31n;

const BLOCK_SIZES: readonly number[] = [4096, 16384, 65536];

/** Versions of the header: 3 added the offset of VMCOREINFO, 4 that of the notes, 6 frame numbers of 64 bits. */
const NOTES_VERSION = 4;
const WIDE_FRAMES_VERSION = 6;

/** The headers of a compressed dump. Offsets and sizes are in bytes, in the file. */
export interface KdumpHeader {
  readonly version: number;
  /** The size of a page. */
  readonly blockSize: number;
  /** The pages that were left out, as a number of makedumpfile's -d. */
  readonly dumpLevel: number;
  /** All ELF notes of the vmcore. */
  readonly notes: Uint8Array;
  /** The offset of a bitmap of the page frames that are RAM. */
  readonly ramBitmap: bigint;
  /** The offset of a bitmap of the page frames that are in the file. */
  readonly dumpedBitmap: bigint;
  /** The size of each bitmap. */
  readonly bitmapSize: bigint;
  /** The offset of the descriptors, one for each page in the file. */
  readonly descriptors: bigint;
  /** All page frame numbers are below it. */
  readonly frames: bigint;
}

/** A page in the file; offset and size are in bytes. */
export interface PageDescriptor {
  readonly offset: bigint;
  readonly size: number;
  /** Its compression: a bit of `COMPRESSION_FLAGS`, or 0. */
  readonly flags: number;
}

/**
 * Reads the headers of a compressed dump of a 64-bit little-endian machine: `struct disk_dump_header` in the first block,
 * `struct kdump_sub_header` in the second, followed by two bitmaps and the page descriptors.
 *
 * @throws KexecError `EINVAL`, check `kdump-header`, if a part leaves the file, the version has no notes, or the file is
 *   one of several files of a split dump.
 */
export function readKdumpHeader(source: ByteSource): KdumpHeader {
  const header = new BoundedBytes(
    readRange(source, 0n, BigInt(DISK_DUMP_HEADER_SIZE), 'its header', LIMIT),
    LIMIT,
  );
  const version = header.u32le(8);
  if (version < NOTES_VERSION || version > 0xff) header.fail(`its version is ${version}`, 8);
  const blockSize = header.u32le(428);
  if (!BLOCK_SIZES.includes(blockSize)) header.fail(`its block size is ${blockSize}`, 428);
  const block = BigInt(blockSize);
  const sub = new BoundedBytes(
    readRange(source, block, BigInt(SUB_HEADER_SIZE), 'its second header', LIMIT),
    LIMIT,
  );
  if (sub.u32le(12) !== 0) sub.fail('it is one of several files of a split dump', block + 12n);

  const bitmaps = (1n + BigInt(header.u32le(432))) * block;
  const bothSizes = BigInt(header.u32le(436)) * block;
  const descriptors = bitmaps + bothSizes;
  if (descriptors > source.size)
    header.fail(`its bitmaps end at ${hex(descriptors)}, and the file ends at ${hex(source.size)}`, 436);
  const bitmapSize = bothSizes / 2n;
  if (bitmapSize > MAX_BITMAP_BYTES)
    header.fail(`its bitmaps have ${hex(bitmapSize)} bytes each; the limit is ${hex(MAX_BITMAP_BYTES)}`, 436);
  const frames = version >= WIDE_FRAMES_VERSION ? sub.u64le(96) : BigInt(header.u32le(440));
  if (frames > bitmapSize * 8n)
    header.fail(`it has ${hex(frames)} page frames, and bitmaps of ${hex(bitmapSize)} bytes`);
  return {
    version,
    blockSize,
    dumpLevel: sub.u32le(8),
    notes: readRange(source, sub.u64le(48), sub.u64le(56), 'notes', LIMIT),
    ramBitmap: bitmaps,
    dumpedBitmap: bitmaps + bitmapSize,
    bitmapSize,
    descriptors,
    frames,
  };
}

/**
 * Reads a page descriptor.
 *
 * @param index - the number of pages in the file before the page
 * @throws KexecError `EINVAL`, check `kdump-header`, if the file ends before it.
 */
export function readPageDescriptor(
  source: ByteSource,
  { descriptors }: KdumpHeader,
  index: bigint,
): PageDescriptor {
  const size = BigInt(PAGE_DESCRIPTOR_SIZE);
  const at = descriptors + index * size;
  const bytes = new BoundedBytes(readRange(source, at, size, 'a page descriptor', LIMIT), LIMIT);
  return { offset: bytes.u64le(0), size: bytes.u32le(8), flags: bytes.u32le(12) };
}
