import { encodeLatin1 } from '../../base/bytes.js';
import { KDUMP_SIGNATURE } from './header.js';

/** `DUMP_DH_COMPRESSED_…`: how pages are packed. */
export const COMPRESSION_FLAGS = { none: 0, zlib: 0x01, zstd: 0x20 } as const;

/** How pages are packed. */
export type Compression = keyof typeof COMPRESSION_FLAGS;

/** In bytes. */
export const DESCRIPTOR_SIZE = 24;

const SUB_HEADER_SIZE = 104;
const VERSION = 6;
/** struct new_utsname: six texts of so many bytes. */
const UTS_FIELD = 65;

/** What the headers of a compressed dump tell. */
export interface KdumpFacts {
  readonly pageSize: number;
  readonly compression: Compression;
  /** What was left out, as makedumpfile's -d. */
  readonly dumpLevel: number;
  /** PHYS_OFFSET, modulo 2^64. */
  readonly physBase: bigint;
  /** Page frames are below it. */
  readonly frames: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly cpus: number;
  /** sysname, nodename, release, version, machine, domainname. */
  readonly uts: readonly string[];
  /** All ELF notes. */
  readonly notes: Uint8Array;
  /** Where in the notes the text of VMCOREINFO is: nothing if it is not there. */
  readonly vmcoreinfo?: { readonly at: number; readonly size: number } | undefined;
}

/** Where the parts of a compressed dump are, in bytes from its start. */
export interface KdumpLayout {
  readonly ramBitmap: number;
  readonly dumpedBitmap: number;
  /** Where the bitmaps end. */
  readonly descriptors: number;
}

/** Where what follows the headers goes. */
export function computeKdumpLayout({ pageSize, frames, notes }: KdumpFacts): KdumpLayout {
  const ramBitmap = (1 + subHeaderBlocks(pageSize, notes)) * pageSize;
  const size = bitmapBlocks(pageSize, frames) * pageSize;
  return { ramBitmap, dumpedBitmap: ramBitmap + size, descriptors: ramBitmap + 2 * size };
}

function subHeaderBlocks(pageSize: number, notes: Uint8Array): number {
  return Math.ceil((SUB_HEADER_SIZE + notes.length) / pageSize);
}

/** Of one of the two bitmaps. */
function bitmapBlocks(pageSize: number, frames: number): number {
  return Math.ceil(frames / 8 / pageSize);
}

/**
 * The headers of a compressed dump, as {@link readKdumpHeader} reads them: makedumpfile's `struct disk_dump_header` and
 * `struct kdump_sub_header` of a 64-bit little-endian machine, and the notes.
 */
export function writeKdumpHeaders(facts: KdumpFacts): Uint8Array {
  const { pageSize, frames, notes, vmcoreinfo } = facts;
  const bytes = new Uint8Array(computeKdumpLayout(facts).ramBitmap);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: bigint | number): void => view.setBigUint64(at, BigInt(value), true);
  bytes.set(encodeLatin1(KDUMP_SIGNATURE));
  view.setUint32(8, VERSION, true);
  for (const [index, text] of facts.uts.entries())
    bytes.set(encodeLatin1(text).subarray(0, UTS_FIELD - 1), 12 + index * UTS_FIELD);
  u64(408, facts.time);
  view.setUint32(424, COMPRESSION_FLAGS[facts.compression], true);
  view.setUint32(428, pageSize, true);
  view.setUint32(432, subHeaderBlocks(pageSize, notes), true);
  view.setUint32(436, 2 * bitmapBlocks(pageSize, frames), true);
  // Those that do not fit are told in the second header.
  view.setUint32(440, Math.min(frames, 0xffffffff), true);
  view.setUint32(460, facts.cpus, true);

  const sub = pageSize;
  const notesAt = sub + SUB_HEADER_SIZE;
  u64(sub, facts.physBase);
  view.setUint32(sub + 8, facts.dumpLevel, true);
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

/** Writes the descriptor of a page, `struct page_desc`, into descriptors. */
export function writePageDescriptor(
  view: DataView,
  index: number,
  page: { readonly offset: number; readonly size: number; readonly flags: number },
): void {
  view.setBigUint64(index * DESCRIPTOR_SIZE, BigInt(page.offset), true);
  view.setUint32(index * DESCRIPTOR_SIZE + 8, page.size, true);
  view.setUint32(index * DESCRIPTOR_SIZE + 12, page.flags, true);
}
