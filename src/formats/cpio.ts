import { BoundedBytes, decodeLatin1 } from '../base/bytes.js';
import type { Check } from '../base/checks.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';

/** A device number, of a node or of the file system a file was on. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** A file, directory, link or node in an archive. */
export interface CpioEntry {
  /** Its path, as it stands in the archive. */
  readonly name: string;
  /** File type and permissions, as st_mode: {@link CPIO_TYPE}. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Entries with the same inode and device, and more than one link, are one file. */
  readonly inode: number;
  readonly device: DeviceNumber;
  readonly links: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** What a device node stands for. */
  readonly node: DeviceNumber;
  /** A file's contents, a symbolic link's target; shared with the archive. */
  readonly bytes: Uint8Array;
}

/** How the kernel knows what compressed an archive: by its first two bytes. */
export type CpioCompression = 'gzip' | 'bzip2' | 'lzma' | 'xz' | 'lzo' | 'lz4' | 'zstd';

/** What an initramfs holds, as far as it is not compressed. */
export interface CpioListing {
  /** In order, over all archives that follow one another; their trailers left out. */
  readonly entries: readonly CpioEntry[];
  /** Where a compressed archive begins; undefined if everything was read. */
  readonly rest: { readonly offset: number; readonly kind: CpioCompression } | undefined;
}

/** The file type in a mode: `mode & CPIO_TYPE.mask`. */
export const CPIO_TYPE = {
  mask: 0o170000,
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  characterDevice: 0o020000,
  blockDevice: 0o060000,
} as const;

const HEADER_SIZE = 110;
const MAGIC_SIZE = 6;
const FIELD_SIZE = 8;
const TRAILER = 'TRAILER!!!';
const ASCII_0 = 0x30;

/** PATH_MAX: the kernel skips an entry whose name, NUL included, is longer, and says nothing. */
const NAME_LIMIT = 4096;

/** Replaces what is not UTF-8, and keeps a byte order mark: names only have to be told apart. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

const COMPRESSIONS: Readonly<Record<number, CpioCompression>> = {
  8075: 'gzip',
  8094: 'gzip',
  16986: 'bzip2',
  23808: 'lzma',
  64823: 'xz',
  35148: 'lzo',
  545: 'lz4',
  10421: 'zstd',
};

/**
 * Reads an initramfs as the kernel does (Documentation/driver-api/early-userspace/buffer-format.rst): archives in
 * newc (070701) or crc (070702) format, one after another, with any number of zero bytes between entries. A trailer
 * is not needed. It reads up to the first compressed archive, and says of what kind that is.
 *
 * @param archive - the whole initramfs
 * @throws KexecError EINVAL: `cpio-header`, `cpio-entry`, `cpio-checksum`
 */
export function parseCpio(archive: Uint8Array): CpioListing {
  const entries: CpioEntry[] = [];
  let offset = 0;
  for (;;) {
    while (archive[offset] === 0) offset += 1;
    if (offset >= archive.length) return { entries, rest: undefined };

    if (archive[offset] !== ASCII_0) {
      return { entries, rest: { offset, kind: compressionAt(archive, offset) } };
    }
    const { entry, end } = readEntry(archive, offset);
    if (entry.name !== TRAILER) entries.push(entry);
    offset = end;
  }
}

function compressionAt(archive: Uint8Array, offset: number): CpioCompression {
  const bytes = boundedBytes(archive, 'cpio-header');
  const kind = COMPRESSIONS[(bytes.u8(offset) << 8) | bytes.u8(offset + 1)];
  return kind ?? bytes.fail('neither an entry nor a compressed archive', offset);
}

function readEntry(archive: Uint8Array, offset: number): { entry: CpioEntry; end: number } {
  const inHeader = boundedBytes(archive, 'cpio-header');
  if (offset % 4 !== 0) inHeader.fail('an entry that is not aligned to 4 bytes', offset);
  const header = decodeLatin1(inHeader.slice(offset, HEADER_SIZE, 'a header'));
  if (!/^07070[12][0-9a-f]{104}$/i.test(header)) inHeader.fail('not a header in newc or crc format', offset);

  const fields = header.slice(MAGIC_SIZE);
  const field = (index: number) =>
    Number.parseInt(fields.substring(index * FIELD_SIZE, (index + 1) * FIELD_SIZE), 16);
  const inEntry = boundedBytes(archive, 'cpio-entry');
  const nameStart = offset + HEADER_SIZE;
  const nameSize = field(11);
  if (nameSize === 0 || nameSize > NAME_LIMIT) inEntry.fail(`a name of ${nameSize} bytes`, offset);
  const name = inEntry.slice(nameStart, nameSize, 'a name');
  if (name.at(-1) !== 0) inEntry.fail('a name does not end in NUL', nameStart);

  const start = align4(nameStart + nameSize);
  const size = field(6);
  const bytes = size > 0 ? inEntry.slice(start, size, 'data') : archive.subarray(0, 0);
  const mode = field(1);
  if (header.startsWith('070702') && (mode & CPIO_TYPE.mask) === CPIO_TYPE.file) {
    checkSum(archive, bytes, field(12), offset);
  }
  const entry = {
    name: UTF8.decode(name.subarray(0, name.indexOf(0))),
    inode: field(0),
    mode,
    uid: field(2),
    gid: field(3),
    links: field(4),
    mtime: field(5),
    device: { major: field(7), minor: field(8) },
    node: { major: field(9), minor: field(10) },
    bytes,
  };
  return { entry, end: align4(start + size) };
}

/** Only files have a checksum that means something: cpio(1) writes 0 for the others, and the kernel looks at no more. */
function checkSum(archive: Uint8Array, bytes: Uint8Array, expected: number, offset: number): void {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) >>> 0;
  if (sum !== expected) {
    const seen = `data that adds up to ${hex(sum)} under a checksum of ${hex(expected)}`;
    boundedBytes(archive, 'cpio-checksum').fail(seen, offset);
  }
}

function boundedBytes(archive: Uint8Array, check: Extract<Check, `cpio-${string}`>): BoundedBytes {
  return new BoundedBytes(archive, { what: 'cpio archive', check, errno: 'EINVAL' });
}

function align4(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

/** What {@link buildCpio} makes an entry of; owner and group are root. */
export type CpioSource = {
  readonly name: string;
  /** Defaults: files 644, directories 755, devices 600, and 777 for links, where nobody reads them. */
  readonly permissions?: number;
  /** Seconds since 1970, default 0. */
  readonly mtime?: number;
} & (
  | { readonly type: 'file'; readonly bytes: Uint8Array }
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'characterDevice' | 'blockDevice'; readonly node: DeviceNumber }
);

const DEFAULT_PERMISSIONS = {
  file: 0o644,
  directory: 0o755,
  symlink: 0o777,
  characterDevice: 0o600,
  blockDevice: 0o600,
} as const;

/** Archives are padded to whole blocks, as cpio(1) does. */
const BLOCK_SIZE = 512;

const NO_DEVICE: DeviceNumber = { major: 0, minor: 0 };
const NO_BYTES = new Uint8Array();

/**
 * Writes an archive in newc format, with a trailer, padded to 512 bytes. The same entries give the same bytes.
 *
 * A directory has to come before what is in it: the kernel adds no parents, and neither does this.
 *
 * @throws KexecError EINVAL, `cpio-entry`: a name is empty, longer than 4095 bytes, has a NUL or is the trailer's;
 * or a number does not fit in 32 bits.
 */
export function buildCpio(sources: readonly CpioSource[]): Uint8Array {
  const entries = sources.map((source, index) => entryOf(source, index + 1));
  const parts = [...entries, trailer()].flatMap((entry) => [encodeHeader(entry), entry.bytes]);

  let size = 0;
  for (const part of parts) size += align4(part.length);
  const archive = new Uint8Array(Math.ceil(size / BLOCK_SIZE) * BLOCK_SIZE);
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += align4(part.length);
  }
  return archive;
}

function entryOf(source: CpioSource, inode: number): CpioEntry {
  const { name, type, mtime = 0, permissions = DEFAULT_PERMISSIONS[type] } = source;
  if (name === '' || name === TRAILER || name.includes('\0')) {
    refuse('cpio-entry', 'EINVAL', `cpio archive: an entry cannot have the name ${JSON.stringify(name)}`);
  }
  return {
    name,
    mode: CPIO_TYPE[type] | permissions,
    uid: 0,
    gid: 0,
    inode,
    device: NO_DEVICE,
    links: 1,
    mtime,
    node: 'node' in source ? source.node : NO_DEVICE,
    bytes: bytesOf(source),
  };
}

function bytesOf(source: CpioSource): Uint8Array {
  if (source.type === 'file') return source.bytes;
  return source.type === 'symlink' ? new TextEncoder().encode(source.target) : NO_BYTES;
}

function trailer(): CpioEntry {
  const none = { mode: 0, uid: 0, gid: 0, inode: 0, links: 1, mtime: 0 };
  return { ...none, name: TRAILER, device: NO_DEVICE, node: NO_DEVICE, bytes: NO_BYTES };
}

/** Header and name, with the name's NUL. */
function encodeHeader(entry: CpioEntry): Uint8Array {
  const name = new TextEncoder().encode(`${entry.name}\0`);
  if (name.length > NAME_LIMIT)
    refuse('cpio-entry', 'EINVAL', `cpio archive: a name of ${name.length} bytes, its NUL included`);
  const fields = [
    entry.inode,
    entry.mode,
    entry.uid,
    entry.gid,
    entry.links,
    entry.mtime,
    entry.bytes.length,
    entry.device.major,
    entry.device.minor,
    entry.node.major,
    entry.node.minor,
    name.length,
    0,
  ];
  const header = new Uint8Array(HEADER_SIZE + name.length);
  header.set(new TextEncoder().encode(`070701${fields.map(encodeField).join('')}`));
  header.set(name, HEADER_SIZE);
  return header;
}

function encodeField(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    refuse('cpio-entry', 'EINVAL', `cpio archive: the number ${value} of an entry does not fit in 32 bits`);
  }
  return value.toString(16).padStart(FIELD_SIZE, '0');
}
