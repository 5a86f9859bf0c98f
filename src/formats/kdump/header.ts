import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import type { Range } from '../../base/range.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { EM_AARCH64, EM_X86_64 } from '../elf/format.js';
import { DISK_DUMP_HEADER_SIZE, PAGE_DESCRIPTOR_SIZE, SUB_HEADER_SIZE } from './format.js';

/** Headers and notes: 4096 CPUs, the most of arm64 Linux, leave less than 4 MiB. */
const LIMIT: ReadLimit = { what: 'compressed dump', check: 'kdump-header', errno: 'EINVAL', limit: 1 << 24 };

/**
 * A bit for each page frame of 64 TiB with pages of 4 KiB. Bitmaps are read completely, and a flattened dump may claim
 * any size.
 */
const MAX_BITMAP_BYTES = 1n << 31n;

const BLOCK_SIZES: readonly number[] = [4096, 16384, 65536];

/** Versions of the header: 3 added the offset of VMCOREINFO, 4 that of the notes, 6 frame numbers of 64 bits. */
const NOTES_VERSION = 4;
const WIDE_FRAMES_VERSION = 6;
const MAX_VERSION = 0xff;

/** `struct new_utsname` in the header: the third of its texts is `release`, the fifth is `machine`. */
const UTS_TEXT_SIZE = 65;
const UTS_RELEASE = 142;
const UTS_MACHINE = 272;
/** `e_machine` by the machine in the header. QEMU 7.2 has no name for AArch64 guests, and names other guests. */
const MACHINES: ReadonlyMap<string, number> = new Map([
  ['', EM_AARCH64],
  ['Unknown', EM_AARCH64],
  ['aarch64', EM_AARCH64],
  ['x86_64', EM_X86_64],
]);
/** A bit of the header's status: makedumpfile could not complete the dump, usually because the disk was full. */
const INCOMPLETE = 0x08;

/** The headers of a compressed dump. Offsets and sizes are in bytes, in the file. */
export interface KdumpHeader {
  readonly version: number;
  /** `e_machine` of the machine that was dumped. */
  readonly elfMachine: number;
  /** The size of a page. */
  readonly blockSize: number;
  /** The pages that were left out, as a number of makedumpfile's -d. */
  readonly dumpLevel: number;
  /** The page frames of this file, if it is one of several files of a split dump: half-open. */
  readonly part?: Range | undefined;
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
  /** `uname -r` of the crashed kernel; empty in dumps of hypervisors, which do not know it. */
  readonly release: string;
  /** Whether makedumpfile marked the dump as one that it could not complete. */
  readonly isIncomplete: boolean;
}

/** A page in the file; offset and size are in bytes. */
export interface PageDescriptor {
  readonly offset: bigint;
  readonly size: number;
  /** Its compression: a bit of `COMPRESSION_FLAGS`, or 0. */
  readonly flags: number;
}

/**
 * Reads the headers of a compressed dump of a 64-bit little-endian machine: `struct disk_dump_header` in the first
 * block, `struct kdump_sub_header` in the second, followed by two bitmaps and the page descriptors.
 *
 * @throws KexecError `EINVAL`, check `kdump-header`, if a part leaves the file or the version has no notes; `EOPNOTSUPP`, check `dump-kind`, for a dump of another architecture.
 */
export function readKdumpHeader(source: ByteSource): KdumpHeader {
  const header = new BoundedBytes(
    readRange(source, 0n, BigInt(DISK_DUMP_HEADER_SIZE), 'its header', LIMIT),
    LIMIT,
  );
  const elfMachine = readMachine(header);
  const version = header.u32le(8);
  if (version < NOTES_VERSION || version > MAX_VERSION) header.fail(`its version is ${version}`, 8);
  const blockSize = header.u32le(428);
  if (!BLOCK_SIZES.includes(blockSize)) header.fail(`its block size is ${blockSize}`, 428);
  const block = BigInt(blockSize);
  const sub = new BoundedBytes(
    readRange(source, block, BigInt(SUB_HEADER_SIZE), 'its second header', LIMIT),
    LIMIT,
  );
  const bitmaps = (1n + BigInt(header.u32le(432))) * block;
  const bothSizes = BigInt(header.u32le(436)) * block;
  const descriptors = bitmaps + bothSizes;
  if (descriptors > source.size)
    header.fail(`its bitmaps end at ${hex(descriptors)}, and the file ends at ${hex(source.size)}`, 436);
  const bitmapSize = bothSizes / 2n;
  if (bitmapSize > MAX_BITMAP_BYTES)
    header.fail(
      `its bitmaps have ${formatBytes(bitmapSize)} each; the limit is ${formatBytes(MAX_BITMAP_BYTES)}`,
      436,
    );
  const frames = version >= WIDE_FRAMES_VERSION ? sub.u64le(96) : BigInt(header.u32le(440));
  if (frames > bitmapSize * 8n)
    header.fail(`it has ${hex(frames)} page frames, and bitmaps of ${formatBytes(bitmapSize)}`);
  const isWide = version >= WIDE_FRAMES_VERSION;
  return {
    version,
    elfMachine,
    blockSize,
    ...(sub.u32le(12) === 0
      ? {}
      : { part: { start: sub.u64le(isWide ? 80 : 16), end: sub.u64le(isWide ? 88 : 24) } }),
    dumpLevel: sub.u32le(8),
    notes: readRange(source, sub.u64le(48), sub.u64le(56), 'notes', LIMIT),
    ramBitmap: bitmaps,
    dumpedBitmap: bitmaps + bitmapSize,
    bitmapSize,
    descriptors,
    frames,
    release: readUtsText(header, UTS_RELEASE),
    isIncomplete: (header.u32le(424) & INCOMPLETE) !== 0,
  };
}

function readUtsText(header: BoundedBytes, at: number): string {
  return decodeLatin1(header.slice(at, UTS_TEXT_SIZE, 'a text of uname')).replace(/\0.*$/s, '');
}

/** Reads `e_machine`. Refuses dumps of machines whose headers and memory have another layout. */
function readMachine(header: BoundedBytes): number {
  const machine = readUtsText(header, UTS_MACHINE);
  const isBigEndian = header.u32le(8) > MAX_VERSION && header.u32be(8) <= MAX_VERSION;
  const elfMachine = MACHINES.get(machine);
  if (!isBigEndian && elfMachine !== undefined) return elfMachine;
  const name = elfMachine === undefined ? `a machine of ${JSON.stringify(machine)}` : 'a big-endian machine';
  refuse('dump-kind', 'EOPNOTSUPP', `the file is a compressed dump of ${name}, not of aarch64 or x86_64`, {
    offset: UTS_MACHINE,
    cure: "read it with crash(8) and the vmlinux of that machine's kernel; makedumpfile --dump-dmesg prints its log",
  });
}

/**
 * Reads a page descriptor.
 *
 * @param index - the number of pages in the file before the page
 * @throws KexecError `EINVAL`, check `kdump-header`, if the file ends before it.
 */
export function readPageDescriptor(
  source: ByteSource,
  { descriptors }: Pick<KdumpHeader, 'descriptors'>,
  index: bigint,
): PageDescriptor {
  const size = BigInt(PAGE_DESCRIPTOR_SIZE);
  const at = descriptors + index * size;
  const bytes = new BoundedBytes(readRange(source, at, size, 'a page descriptor', LIMIT), LIMIT);
  return { offset: bytes.u64le(0), size: bytes.u32le(8), flags: bytes.u32le(12) };
}
