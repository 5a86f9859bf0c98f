import { align4, BoundedBytes, decodeLatin1, toHex } from '../base/bytes.js';
import type { Check } from '../base/checks.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';

/** A device number: of a device node, or of the file system that a file was on. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** A file, directory, link or device node in an archive. */
export interface CpioEntry {
  /** Its path, as in the archive. */
  readonly name: string;
  /** File type ({@link CPIO_TYPE}) and permissions, as st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Entries with the same inode and device and more than one link are the same file. */
  readonly inode: number;
  readonly device: DeviceNumber;
  readonly links: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** The device of a device node. */
  readonly node: DeviceNumber;
  /** The contents of a file, or the target of a symbolic link. Shared with the archive. */
  readonly bytes: Uint8Array;
}

/** The compression of an archive, which the kernel detects by the first two bytes. */
export type CpioCompression = 'gzip' | 'bzip2' | 'lzma' | 'xz' | 'lzo' | 'lz4' | 'zstd';

/** The uncompressed contents of an initramfs. */
export interface CpioListing {
  /** The entries of all archives, in order, without their trailers. */
  readonly entries: readonly CpioEntry[];
  /** How many entries there are, also those that were not kept. */
  readonly count: number;
  /** The first compressed archive; undefined if there is none. */
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

/** PATH_MAX: the kernel silently skips an entry whose name, NUL included, is longer. */
const MAX_NAME_BYTES = 4096;

/** Replaces invalid UTF-8, and keeps a byte order mark: names only have to be distinct. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** By the first two bytes, as the kernel's `decompress_method()` detects them. */
const COMPRESSIONS: Readonly<Record<string, CpioCompression>> = {
  '1f8b': 'gzip',
  '1f9e': 'gzip',
  '425a': 'bzip2',
  '5d00': 'lzma',
  fd37: 'xz',
  '894c': 'lzo',
  '0221': 'lz4',
  '28b5': 'zstd',
};

/**
 * Parses an initramfs as the kernel does (Documentation/driver-api/early-userspace/buffer-format.rst): archives in newc
 * (070701) or crc (070702) format, one after another, with any number of zero bytes between entries. A trailer is
 * optional. Parsing ends at the first compressed archive.
 *
 * @param archive - the whole initramfs
 * @param maxEntries - how many entries to keep: an archive may have very many
 * @throws KexecError `EINVAL`, check `cpio-header`, `cpio-entry` or `cpio-checksum`
 */
export function parseCpio(archive: Uint8Array, maxEntries: number = Number.POSITIVE_INFINITY): CpioListing {
  const entries: CpioEntry[] = [];
  let count = 0;
  let offset = 0;
  for (;;) {
    while (archive[offset] === 0) offset += 1;
    if (offset >= archive.length) return { entries, count, rest: undefined };

    if (archive[offset] !== ASCII_0) {
      return { entries, count, rest: { offset, kind: detectCompressionAt(archive, offset) } };
    }
    const { entry, end } = readEntry(archive, offset);
    if (entry.name !== TRAILER) {
      count += 1;
      if (entries.length < maxEntries) entries.push(entry);
    }
    offset = end;
  }
}

/** The compression that the kernel sees in the first two bytes; undefined if there is none. */
export function detectCpioCompression(bytes: Uint8Array): CpioCompression | undefined {
  return COMPRESSIONS[toHex(bytes.subarray(0, 2))];
}

function detectCompressionAt(archive: Uint8Array, offset: number): CpioCompression {
  const bytes = boundedBytes(archive, 'cpio-header');
  const kind = COMPRESSIONS[toHex(bytes.slice(offset, 2, 'an entry or a compressed archive'))];
  return kind ?? bytes.fail('there is neither an entry nor a compressed archive', offset);
}

function readEntry(archive: Uint8Array, offset: number): { entry: CpioEntry; end: number } {
  const inHeader = boundedBytes(archive, 'cpio-header');
  if (offset % 4 !== 0) inHeader.fail('an entry is not aligned to 4 bytes', offset);
  const header = decodeLatin1(inHeader.slice(offset, HEADER_SIZE, 'a header'));
  if (!/^07070[12][0-9a-f]{104}$/i.test(header))
    inHeader.fail('there is no header in newc or crc format', offset);

  const fields = header.slice(MAGIC_SIZE);
  const field = (index: number) =>
    Number.parseInt(fields.substring(index * FIELD_SIZE, (index + 1) * FIELD_SIZE), 16);
  const inEntry = boundedBytes(archive, 'cpio-entry');
  const nameStart = offset + HEADER_SIZE;
  const nameSize = field(11);
  if (nameSize === 0 || nameSize > MAX_NAME_BYTES) inEntry.fail(`a name has ${nameSize} bytes`, offset);
  const name = inEntry.slice(nameStart, nameSize, 'a name');
  if (name.at(-1) !== 0) inEntry.fail('a name does not end in NUL', nameStart);

  const start = align4(nameStart + nameSize);
  const size = field(6);
  const bytes = size > 0 ? inEntry.slice(start, size, 'data') : archive.subarray(0, 0);
  const mode = field(1);
  if (header.startsWith('070702') && (mode & CPIO_TYPE.mask) === CPIO_TYPE.file) {
    verifyChecksum(archive, bytes, field(12), offset);
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

/** Called for files only: cpio(1) writes 0 for other entries, and the kernel ignores that. */
function verifyChecksum(archive: Uint8Array, bytes: Uint8Array, expected: number, offset: number): void {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) >>> 0;
  if (sum !== expected) {
    const seen = `the sum of the data is ${hex(sum)}, and the checksum is ${hex(expected)}`;
    boundedBytes(archive, 'cpio-checksum').fail(seen, offset);
  }
}

function boundedBytes(archive: Uint8Array, check: Extract<Check, `cpio-${string}`>): BoundedBytes {
  return new BoundedBytes(archive, { what: 'cpio archive', check, errno: 'EINVAL' });
}

/** An entry for {@link buildCpio}; owner and group are root. */
export type CpioSource = {
  readonly name: string;
  /** Default: 644 for files, 755 for directories, 600 for devices, 777 for links, whose permissions have no effect. */
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

/** Archives are padded to a multiple of this, as by cpio(1). In bytes. */
const BLOCK_SIZE = 512;

const NO_DEVICE: DeviceNumber = { major: 0, minor: 0 };
const NO_BYTES = new Uint8Array();

/**
 * Builds an archive in newc format, with a trailer, padded to 512 bytes. The same entries result in the same bytes.
 *
 * A directory must precede its contents: neither the kernel nor this function adds parents.
 *
 * @throws KexecError `EINVAL`, check `cpio-entry`, if a name is empty, longer than 4095 bytes, contains a NUL or is
 *   that of the trailer, or if a number does not fit into 32 bits.
 */
export function buildCpio(sources: readonly CpioSource[]): Uint8Array {
  const entries = sources.map((source, index) => buildEntry(source, index + 1));
  const parts = [...entries, buildTrailer()].flatMap((entry) => [encodeHeader(entry), entry.bytes]);

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

function buildEntry(source: CpioSource, inode: number): CpioEntry {
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
    bytes: readContents(source),
  };
}

function readContents(source: CpioSource): Uint8Array {
  if (source.type === 'file') return source.bytes;
  return source.type === 'symlink' ? new TextEncoder().encode(source.target) : NO_BYTES;
}

function buildTrailer(): CpioEntry {
  const none = { mode: 0, uid: 0, gid: 0, inode: 0, links: 1, mtime: 0 };
  return { ...none, name: TRAILER, device: NO_DEVICE, node: NO_DEVICE, bytes: NO_BYTES };
}

/** Encodes a header and the name with its NUL. */
function encodeHeader(entry: CpioEntry): Uint8Array {
  const name = new TextEncoder().encode(`${entry.name}\0`);
  if (name.length > MAX_NAME_BYTES)
    refuse('cpio-entry', 'EINVAL', `cpio archive: a name has ${name.length} bytes, its NUL included`);
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
    refuse('cpio-entry', 'EINVAL', `cpio archive: the number ${value} of an entry does not fit into 32 bits`);
  }
  return value.toString(16).padStart(FIELD_SIZE, '0');
}
