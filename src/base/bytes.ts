import { type RefusalKind, refusalArguments, refuse } from './error.js';
import { formatBytes } from './sizes.js';
import { hex } from './u64.js';

/** How a format names itself in a refusal: its check, errno and name. */
export type BoundsBlame = RefusalKind & {
  /** The name of the format: "device tree", "arm64 Image". */
  readonly what: string;
};

/**
 * Reads numbers and slices from the bytes of a file, never beyond their end: such a read throws a {@link KexecError}
 * that says what was read and at which offset. Slices share memory with the bytes. Offsets and lengths are in bytes.
 */
export class BoundedBytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #blame: BoundsBlame;

  constructor(bytes: Uint8Array, blame: BoundsBlame) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#blame = blame;
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(offset: number): number {
    this.#bound(offset, 1, 'a byte');
    return this.#view.getUint8(offset);
  }

  u16le(offset: number): number {
    this.#bound(offset, 2, 'a 16-bit number');
    return this.#view.getUint16(offset, true);
  }

  u32le(offset: number): number {
    this.#bound(offset, 4, 'a 32-bit number');
    return this.#view.getUint32(offset, true);
  }

  u64le(offset: number): bigint {
    this.#bound(offset, 8, 'a 64-bit number');
    return this.#view.getBigUint64(offset, true);
  }

  u32be(offset: number): number {
    this.#bound(offset, 4, 'a 32-bit number');
    return this.#view.getUint32(offset, false);
  }

  u64be(offset: number): bigint {
    this.#bound(offset, 8, 'a 64-bit number');
    return this.#view.getBigUint64(offset, false);
  }

  /** Returns `length` bytes from `offset`, shared, not copied. `name` says what they are, for the error. */
  slice(offset: number | bigint, length: number | bigint, name: string): Uint8Array {
    this.#bound(offset, length, name);
    return this.bytes.subarray(Number(offset), Number(offset) + Number(length));
  }

  /** Returns the text from `offset` to the next NUL, which must lie before `end`. */
  cString(offset: number, end: number, name: string): string {
    this.#bound(offset, 1, name);
    const nul = this.bytes.indexOf(0, offset);
    if (nul < 0 || nul >= end) this.fail(`${name} has no terminating NUL`, offset);
    return decodeLatin1(this.bytes, offset, nul);
  }

  /** Refuses the input with the check and errno of the format. @throws KexecError always. */
  fail(seen: string, offset?: number | bigint): never {
    refuseFor(this.#blame, seen, offset);
  }

  #bound(offset: number | bigint, length: number | bigint, name: string): void {
    // A bigint beyond 2^53 is rounded here, but stays far larger than any buffer.
    if (Number(offset) + Number(length) <= this.length) return;
    this.fail(`${name} of ${formatBytes(length)} goes beyond the end at ${hex(this.length)}`, offset);
  }
}

/** Refuses an input with the check and errno of its format. @throws KexecError always. */
export function refuseFor(blame: BoundsBlame, seen: string, offset?: number | bigint): never {
  refuse(...refusalArguments(blame, `${blame.what}: ${seen}`, { offset }));
}

/**
 * Decodes bytes as text, one character per byte (ISO 8859-1): for names in file formats. The loop is the fastest way
 * for short texts.
 */
export function decodeLatin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] as number);
  return text;
}

/** Encodes the characters of a text as one byte each (ISO 8859-1). Characters beyond U+00FF lose their upper bits. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Encodes a 32-bit number as 4 bytes, least significant first. */
export function encodeU32le(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Encodes a 64-bit number as 8 bytes, least significant first. */
export function encodeU64le(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** Rounds a length or an offset up to a multiple of 4. */
export function align4(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** Copies byte arrays into one, in order. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Whether two byte strings have the same length and the same bytes. Not for secrets: the time taken shows where they
 * differ.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/**
 * Finds bytes within others, reading only some of them (Horspool's algorithm): 30 MB take some milliseconds.
 *
 * @param pattern - at least one byte and at most 255
 * @param from - where the search begins
 * @returns the offset; -1 if they do not occur
 */
export function findBytes(bytes: Uint8Array, pattern: Uint8Array, from = 0): number {
  const last = pattern.length - 1;
  const shifts = new Uint8Array(256).fill(pattern.length);
  for (let at = 0; at < last; at += 1) shifts[pattern[at] as number] = last - at;
  for (let at = from; at + last < bytes.length; at += shifts[bytes[at + last] as number] as number) {
    let same = last;
    while (same >= 0 && bytes[at + same] === pattern[same]) same -= 1;
    if (same < 0) return at;
  }
  return -1;
}

/**
 * Finds bytes as {@link findBytes} does, by the engine's own search for the first of them. That is faster where this
 * byte is rare or the others are few: nothing is prepared, and nothing needs to be compiled first.
 */
export function findByFirstByte(bytes: Uint8Array, pattern: Uint8Array, from = 0): number {
  const first = pattern[0] as number;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < pattern.length && bytes[at + same] === pattern[same]) same += 1;
    if (same === pattern.length) return at;
  }
  return -1;
}

/**
 * Finds the last place of bytes within others, as {@link findBytes} finds the first.
 *
 * @param from - where the search begins; it goes backwards, and a match may begin there
 * @returns the offset; -1 if they do not occur
 */
export function findLastBytes(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  const { length } = pattern;
  const shifts = new Uint8Array(256).fill(length);
  for (let at = length - 1; at > 0; at -= 1) shifts[pattern[at] as number] = at;
  for (let at = Math.min(from, bytes.length - length); at >= 0; at -= shifts[bytes[at] as number] as number) {
    let same = 0;
    while (same < length && bytes[at + same] === pattern[same]) same += 1;
    if (same === length) return at;
  }
  return -1;
}

/** Formats bytes as lower-case hexadecimal digits without a prefix, as digests are written. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Describes the first bytes of an unrecognised file, for error messages: "begins with [1f 8b 08 00]" or "is empty". */
export function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty';
  return `begins with [${Array.from(bytes.subarray(0, 8), (byte) => toHex(Uint8Array.of(byte))).join(' ')}]`;
}

/** Encodes bytes as base64 (RFC 4648, section 4). Works in browsers, too. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(decodeLatin1(bytes));
}

/**
 * Decodes base64. Its loop is not shared with {@link encodeLatin1}: this one meets only the flat texts that `atob`
 * makes, and is compiled for them; a loop that meets every kind of text takes twice the time, a tenth of reading a
 * machine file.
 *
 * @throws DOMException if the text is not base64.
 */
export function decodeBase64(text: string): Uint8Array {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
