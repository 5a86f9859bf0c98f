import { align4, decodeLatin1 } from '../../base/bytes.js';

/** What is wrong with an archive, and where, in bytes from the start of what was scanned. */
export interface CpioFlaw {
  readonly kind: 'cut-short' | 'malformed' | 'alignment';
  readonly seen: string;
  readonly at: number;
}

/** What the entries of one or more archives, one after another, amount to. */
export interface CpioScan {
  /** Where they end: at a byte that begins no entry, or at the end of all. */
  readonly end: number;
  readonly entries: number;
  /** The memory that their contents take in a file system in memory: whole pages. */
  readonly memory: number;
  /** Whether the last archive has its trailer. */
  readonly hasTrailer: boolean;
  /** Whether the zeros after the last entry's data are missing: harmless unless they are compressed. */
  readonly lacksPadding: boolean;
  /** The first flaw; the kernel stops there. */
  readonly flaw?: CpioFlaw;
}

/** An entry that a scan passes. */
export interface ScannedEntry {
  readonly name: string;
  /** As st_mode. */
  readonly mode: number;
  /** Its contents, or the target of a symbolic link; shared. */
  readonly data: Uint8Array;
}

/** Is called with each entry of an archive but its trailer. */
export type OnEntry = (entry: ScannedEntry) => void;

/** Replaces invalid UTF-8. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

const HEADER_SIZE = 110;
const TRAILER = 'TRAILER!!!';
const FIELD_SIZE = 8;
const MAX_NAME_BYTES = 4096;
const ASCII_0 = 0x30;
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const PAGE = 4096;

/** Fields of a header, by their index. */
const MODE = 1;
const SIZE = 6;
const NAME_SIZE = 11;
const SUM = 12;

class Flaw extends Error {
  readonly flaw: CpioFlaw;
  constructor(kind: CpioFlaw['kind'], seen: string, at: number) {
    super(seen);
    this.flaw = { kind, seen, at };
  }
}

/**
 * Walks over the entries of archives in newc or crc format, as the kernel's state machine does (init/initramfs.c), and
 * keeps none of them: an archive may have very many.
 *
 * @param start - a multiple of 4, or 0
 * @param onEntry - called with each entry, before its checksum is verified
 */
export function scanCpio(bytes: Uint8Array, start = 0, onEntry?: OnEntry): CpioScan {
  const scan = { end: start, entries: 0, memory: 0, hasTrailer: false, lacksPadding: false };
  try {
    for (;;) {
      let at = scan.end;
      while (bytes[at] === 0) at += 1;
      if (at >= bytes.length) return { ...scan, end: at };
      if (at % 4 !== 0 && scan.end !== start)
        throw new Flaw('alignment', 'what follows an archive is not at a multiple of 4 bytes', at);
      if (bytes[at] !== ASCII_0) return { ...scan, end: at };
      takeEntry(bytes, at, scan, onEntry);
    }
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    return { ...scan, flaw: error.flaw };
  }
}

interface RunningScan {
  end: number;
  entries: number;
  memory: number;
  hasTrailer: boolean;
  lacksPadding: boolean;
}

function takeEntry(bytes: Uint8Array, at: number, scan: RunningScan, onEntry?: OnEntry): void {
  const format = readFormat(bytes, at);
  const nameSize = readField(bytes, at, NAME_SIZE);
  const size = readField(bytes, at, SIZE);
  const nameStart = at + HEADER_SIZE;
  const dataStart = align4(nameStart + nameSize);
  if (nameSize === 0 || nameSize > MAX_NAME_BYTES)
    throw new Flaw('malformed', `a name has ${nameSize} bytes; the kernel skips such an entry`, at);
  if (dataStart + size > bytes.length) throw new Flaw('cut-short', 'the archive ends within an entry', at);
  if (bytes[nameStart + nameSize - 1] !== 0)
    throw new Flaw('malformed', 'a name does not end in NUL', nameStart);
  const end = align4(dataStart + size);
  scan.lacksPadding = end > bytes.length;
  scan.end = Math.min(end, bytes.length);
  scan.hasTrailer = isTrailer(bytes, nameStart, nameSize);
  if (scan.hasTrailer) return;
  scan.entries += 1;
  const mode = readField(bytes, at, MODE);
  const data = bytes.subarray(dataStart, dataStart + size);
  onEntry?.({ name: decodeName(bytes.subarray(nameStart, nameStart + nameSize)), mode, data });
  if ((mode & TYPE_MASK) !== REGULAR) return;
  scan.memory += Math.ceil(size / PAGE) * PAGE;
  if (format === 0x32) checkSum(data, readField(bytes, at, SUM), at);
}

/** A name ends at its first NUL. */
function decodeName(name: Uint8Array): string {
  return UTF8.decode(name.subarray(0, name.indexOf(0)));
}

/** @returns the last character of the magic. */
function readFormat(bytes: Uint8Array, at: number): number {
  const given = bytes.subarray(at, at + 6);
  const magic = decodeLatin1(given);
  if (magic === '070707')
    throw new Flaw('malformed', 'it is in the odc format of cpio, and the kernel reads newc', at);
  const isCut = magic.length < 6 && '07070'.startsWith(magic);
  if (!isCut && magic !== '070701' && magic !== '070702')
    throw new Flaw('malformed', 'there is no header of an entry', at);
  if (at + HEADER_SIZE > bytes.length)
    throw new Flaw('cut-short', "the archive ends within an entry's header", at);
  return given[5] ?? 0;
}

/** Reads a number of 8 hex digits. */
function readField(bytes: Uint8Array, header: number, index: number): number {
  const start = header + 6 + index * FIELD_SIZE;
  let value = 0;
  for (let at = start; at < start + FIELD_SIZE; at += 1) {
    const digit = readDigit(bytes[at] ?? 0);
    if (digit < 0) throw new Flaw('malformed', 'a number in a header is not hexadecimal', header);
    value = value * 16 + digit;
  }
  return value;
}

function readDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function isTrailer(bytes: Uint8Array, start: number, size: number): boolean {
  if (size <= TRAILER.length) return false;
  for (let index = 0; index < TRAILER.length; index += 1)
    if (bytes[start + index] !== TRAILER.charCodeAt(index)) return false;
  return bytes[start + TRAILER.length] === 0;
}

function checkSum(data: Uint8Array, expected: number, at: number): void {
  let sum = 0;
  for (const byte of data) sum = (sum + byte) >>> 0;
  if (sum !== expected) throw new Flaw('malformed', 'the checksum of a file does not match', at);
}
