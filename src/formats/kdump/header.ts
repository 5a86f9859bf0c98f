import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';

/** The first bytes of a dump that makedumpfile compressed. */
export const KDUMP_SIGNATURE = 'KDUMP   ';

/** Sizes of structs on a 64-bit machine: disk_dump_header, kdump_sub_header, page_desc. */
const HEADER_SIZE = 464n;
const SUB_HEADER_SIZE = 104n;
const PAGE_DESCRIPTOR_SIZE = 24n;

const LIMIT: ReadLimit = { what: 'compressed dump', check: 'kdump-header', errno: 'EINVAL', limit: 1 << 26 };

/** A bit for each page frame, of 64 TiB at 4 KiB a page: a flattened dump may claim any size, and all of it is looked at. */
const LARGEST_BITMAP = 1n << 31n;

const BLOCK_SIZES: readonly number[] = [4096, 16384, 65536];

/** Versions of the header: 3 brought VMCOREINFO's place, 4 that of the notes, 6 frame numbers of 64 bits. */
const FIRST_WITH_NOTES = 4;
const FIRST_WITH_64_BITS = 6;

/** What the headers of a compressed dump say. Offsets and sizes are in bytes, in the file. */
export interface KdumpHeader {
  readonly version: number;
  /** The size of a page. */
  readonly blockSize: number;
  /** What was left out, as makedumpfile's -d. */
  readonly dumpLevel: number;
  /** All ELF notes of the vmcore. */
  readonly notes: Uint8Array;
  /** A bit for each page frame that is RAM. */
  readonly ramBitmap: bigint;
  /** A bit for each page frame that is in the file. */
  readonly dumpedBitmap: bigint;
  /** Of either. */
  readonly bitmapSize: bigint;
  /** A descriptor for each page in the file. */
  readonly descriptors: bigint;
  /** Page frames are below it. */
  readonly frames: bigint;
}

/** Where a page is in the file. */
export interface PageDescriptor {
  readonly offset: bigint;
  readonly size: number;
  /** How it is compressed: a bit of `DUMP_DH_COMPRESSED_…`, or 0. */
  readonly flags: number;
}

/**
 * Reads the headers of a compressed dump: `struct disk_dump_header` in the first block, `struct kdump_sub_header` in the
 * second, both as a 64-bit little-endian machine has them; then two bitmaps, then the page descriptors.
 *
 * @throws KexecError `EINVAL`, check `kdump-header`, if something leaves the file, the version has no notes, or the file
 *   is one of several that a dump was split into.
 */
export function readKdumpHeader(source: ByteSource): KdumpHeader {
  const header = new BoundedBytes(readRange(source, 0n, HEADER_SIZE, 'its header', LIMIT), LIMIT);
  const version = header.u32le(8);
  if (version < FIRST_WITH_NOTES || version > 0xff) header.fail(`its version is ${version}`, 8);
  const blockSize = header.u32le(428);
  if (!BLOCK_SIZES.includes(blockSize)) header.fail(`its block size is ${blockSize}`, 428);
  const block = BigInt(blockSize);
  const sub = new BoundedBytes(readRange(source, block, SUB_HEADER_SIZE, 'its second header', LIMIT), LIMIT);
  if (sub.u32le(12) !== 0) sub.fail('it is one of several files of a split dump', block + 12n);

  const bitmaps = (1n + BigInt(header.u32le(432))) * block;
  const bothSizes = BigInt(header.u32le(436)) * block;
  const descriptors = bitmaps + bothSizes;
  if (descriptors > source.size)
    header.fail(`its bitmaps end at ${hex(descriptors)}, and the file at ${hex(source.size)}`, 436);
  const bitmapSize = bothSizes / 2n;
  if (bitmapSize > LARGEST_BITMAP)
    header.fail(`a bitmap of ${hex(bitmapSize)} bytes; at most ${hex(LARGEST_BITMAP)} are gone through`, 436);
  const frames = version >= FIRST_WITH_64_BITS ? sub.u64le(96) : BigInt(header.u32le(440));
  if (frames > bitmapSize * 8n)
    header.fail(`it counts ${hex(frames)} page frames in bitmaps of ${hex(bitmapSize)} bytes`);
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
 * Reads the descriptor of the page that comes after `index` others.
 *
 * @throws KexecError `EINVAL`, check `kdump-header`, if the file ends before it.
 */
export function readPageDescriptor(
  source: ByteSource,
  { descriptors }: KdumpHeader,
  index: bigint,
): PageDescriptor {
  const at = descriptors + index * PAGE_DESCRIPTOR_SIZE;
  const bytes = new BoundedBytes(
    readRange(source, at, PAGE_DESCRIPTOR_SIZE, 'a page descriptor', LIMIT),
    LIMIT,
  );
  return { offset: bytes.u64le(0), size: bytes.u32le(8), flags: bytes.u32le(12) };
}
