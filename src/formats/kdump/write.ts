import { encodeLatin1 } from '../../base/bytes.js';
import { COMPRESSION_FLAGS, KDUMP_SIGNATURE, PAGE_DESCRIPTOR_SIZE, SUB_HEADER_SIZE } from './format.js';

/** The compression of the pages that kexec-file writes. */
export type Compression = 'none' | 'zlib' | 'lzo' | 'snappy' | 'zstd';

/** The version of the header, with frame numbers of 64 bits. */
const VERSION = 6;
/** `struct new_utsname` has six texts, each of this many bytes with its NUL. */
const UTS_TEXT_SIZE = 65;

/** The facts in the headers of a compressed dump. */
export interface KdumpFacts {
  readonly pageSize: number;
  readonly compression: Compression;
  /** The pages that are left out, as a number of makedumpfile's -d. */
  readonly dumpLevel: number;
  /** PHYS_OFFSET, modulo 2^64. */
  readonly physBase: bigint;
  /** All page frame numbers are below it. */
  readonly frames: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly cpus: number;
  /** sysname, nodename, release, version, machine, domainname. */
  readonly uts: readonly string[];
  /** The page frames of this file, if it is one of several files of a split dump: half-open. */
  readonly part?: { readonly start: number; readonly end: number } | undefined;
  /** All ELF notes. */
  readonly notes: Uint8Array;
  /** The offset and the size of the text of VMCOREINFO in the notes, in bytes; undefined if there is none. */
  readonly vmcoreinfo?: { readonly at: number; readonly size: number } | undefined;
}

/** The offsets of the parts of a compressed dump, in bytes. */
export interface KdumpLayout {
  readonly ramBitmap: number;
  readonly dumpedBitmap: number;
  /** The end of the bitmaps. */
  readonly descriptors: number;
}

/** Computes the offsets of the parts that follow the headers. */
export function computeKdumpLayout({ pageSize, frames, notes }: KdumpFacts): KdumpLayout {
  const ramBitmap = (1 + countSubHeaderBlocks(pageSize, notes)) * pageSize;
  const size = countBitmapBlocks(pageSize, frames) * pageSize;
  return { ramBitmap, dumpedBitmap: ramBitmap + size, descriptors: ramBitmap + 2 * size };
}

/** The number of blocks of the second header and the notes. */
function countSubHeaderBlocks(pageSize: number, notes: Uint8Array): number {
  return Math.ceil((SUB_HEADER_SIZE + notes.length) / pageSize);
}

/** The number of blocks of each of the two bitmaps. */
function countBitmapBlocks(pageSize: number, frames: number): number {
  return Math.ceil(frames / 8 / pageSize);
}

/**
 * Encodes the headers of a compressed dump as `readKdumpHeader` reads them: makedumpfile's `struct disk_dump_header`
 * and `struct kdump_sub_header` of a 64-bit little-endian machine, and the notes.
 */
export function writeKdumpHeaders(facts: KdumpFacts): Uint8Array {
  const { pageSize, frames, notes, vmcoreinfo } = facts;
  const bytes = new Uint8Array(computeKdumpLayout(facts).ramBitmap);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: bigint | number): void => view.setBigUint64(at, BigInt(value), true);
  bytes.set(encodeLatin1(KDUMP_SIGNATURE));
  view.setUint32(8, VERSION, true);
  for (const [index, text] of facts.uts.entries())
    bytes.set(encodeLatin1(text).subarray(0, UTS_TEXT_SIZE - 1), 12 + index * UTS_TEXT_SIZE);
  u64(408, facts.time);
  view.setUint32(424, COMPRESSION_FLAGS[facts.compression], true);
  view.setUint32(428, pageSize, true);
  view.setUint32(432, countSubHeaderBlocks(pageSize, notes), true);
  view.setUint32(436, 2 * countBitmapBlocks(pageSize, frames), true);
  // The second header has the number in 64 bits.
  view.setUint32(440, Math.min(frames, 0xffffffff), true);
  view.setUint32(460, facts.cpus, true);

  const sub = pageSize;
  const notesAt = sub + SUB_HEADER_SIZE;
  u64(sub, facts.physBase);
  view.setUint32(sub + 8, facts.dumpLevel, true);
  if (facts.part !== undefined) {
    const { start, end } = facts.part;
    view.setUint32(sub + 12, 1, true);
    for (const at of [16, 80]) u64(sub + at, start);
    for (const at of [24, 88]) u64(sub + at, end);
  }
  if (vmcoreinfo !== undefined) {
    u64(sub + 32, notesAt + vmcoreinfo.at);
    u64(sub + 40, vmcoreinfo.size);
  }
  u64(sub + 48, notesAt);
  u64(sub + 56, notes.length);
  u64(sub + 96, frames);
  bytes.set(notes, notesAt);
  return bytes;
}

/**
 * Makes the headers of one file of a split dump those of a whole dump.
 *
 * @param headers - as {@link writeKdumpHeaders} encodes them
 */
export function clearPart(headers: Uint8Array, pageSize: number): void {
  headers.fill(0, pageSize + 12, pageSize + 32);
  headers.fill(0, pageSize + 80, pageSize + 96);
}

/** What a page descriptor says of a page: its offset and size in the file, in bytes, and its compression. */
export interface PageDescriptorFields {
  readonly offset: number;
  readonly size: number;
  readonly flags: number;
}

/** Encodes a page descriptor, `struct page_desc`, into an array of them. */
export function writePageDescriptor(
  view: DataView,
  index: number,
  { offset, size, flags }: PageDescriptorFields,
): void {
  const at = index * PAGE_DESCRIPTOR_SIZE;
  view.setUint32(at, offset, true);
  view.setUint32(at + 4, offset / 2 ** 32, true);
  view.setUint32(at + 8, size, true);
  view.setUint32(at + 12, flags, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
}
