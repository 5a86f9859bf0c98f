/**
 * The .xz file format 1.2.1 with LZMA2, and the filter for arm64 that kernels are compressed with since Linux 6.12.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { BoundedBytes, equalBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import { unfilterArm64 } from './arm64-filter.js';
import { type BoundedOutput, compressionBlame, type OutputBound, runDecoder } from './bounded-output.js';
import { crc32, crc64 } from './checksums.js';
import { LzmaDecoder } from './lzma.js';

const HEADER_SIZE = 12;

/** Filter IDs. */
const LZMA2 = 0x21n;
const ARM64 = 0x0an;

/** How many bytes a check has, by its ID (section 2.1.1.2). */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const CHECK_CRC32 = 1;
const CHECK_CRC64 = 4;
const CHECK_SHA256 = 10;

/** Control bytes of LZMA2's chunks. */
const LZMA2_END = 0;
const LZMA2_COPY_RESET = 1;
const LZMA2_COPY = 2;
const LZMA2_LZMA = 0x80;

/** What a chunk resets, by bits 5 and 6 of its control byte. */
const RESETS_STATE = 1;
const RESETS_PROPERTIES = 2;
const RESETS_DICTIONARY = 3;

interface Block {
  /** From the start of the file: where the compressed data begins. */
  readonly start: number;
  /** Where the arm64 filter starts to count; undefined without the filter. */
  readonly arm64From: number | undefined;
  readonly uncompressedSize: bigint | undefined;
}

/**
 * What is in the first stream of an xz file: the blocks, each with its check. The index behind them, and what follows,
 * is let be.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressXz(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('xz'));
  file.slice(0, HEADER_SIZE, 'the stream header');
  if (!hasMagic(bytes, 'xz')) file.fail('no xz magic', 0);
  const check = file.u8(7);
  if (file.u8(6) !== 0 || check > 15) file.fail('unknown stream flags', 6);
  if (crc32(file.slice(6, 2, 'the stream flags')) !== file.u32le(8)) {
    file.fail('the CRC of the stream header does not hold', 8);
  }
  return runDecoder(bound, (output) => {
    let at = HEADER_SIZE;
    while (file.u8(at) !== 0) {
      const block = parseBlockHeader(file, at);
      const start = output.length;
      const end = decodeLzma2(file, block.start, output);
      const contents = output.bytes.subarray(start, output.length);
      if (block.arm64From !== undefined) unfilterArm64(contents, block.arm64From);
      if (block.uncompressedSize !== undefined && block.uncompressedSize !== BigInt(contents.length)) {
        file.fail(`a block of ${contents.length} bytes says that it has ${block.uncompressedSize}`, at);
      }
      const padded = end + ((4 - (end % 4)) % 4);
      verifyCheck(file, padded, check, contents);
      at = padded + (CHECK_SIZES[check] ?? 0);
    }
  });
}

/** Section 3.1: size, flags, sizes, filters, padding, CRC. */
function parseBlockHeader(file: BoundedBytes, at: number): Block {
  const size = (file.u8(at) + 1) * 4;
  file.slice(at, size, 'a block header');
  const end = at + size - 4;
  if (crc32(file.slice(at, size - 4, 'a block header')) !== file.u32le(end)) {
    file.fail('the CRC of a block header does not hold', end);
  }
  const flags = file.u8(at + 1);
  if ((flags & 0x3c) !== 0) file.fail(`block flags ${hex(flags)}`, at + 1);
  const header = new VariableIntegers(file, at + 2, end);
  if ((flags & 0x40) !== 0) header.next();
  const uncompressedSize = (flags & 0x80) !== 0 ? header.next() : undefined;

  let arm64From: number | undefined;
  for (let left = flags & 3; left > 0; left -= 1) {
    const id = header.next();
    const properties = header.bytes(header.next());
    if (id !== ARM64)
      file.fail(`filter ${hex(id)}, where LZMA2 with or without the filter for arm64 can be read`, at);
    arm64From = properties.length === 4 ? u32le(properties) : 0;
  }
  const last = header.next();
  if (last !== LZMA2) file.fail(`filter ${hex(last)}, where LZMA2 has to be the last`, at);
  header.bytes(header.next());
  return { start: at + size, arm64From, uncompressedSize };
}

/** Section 1.2: numbers of 7 bits a byte, least significant first, 9 bytes at most. */
class VariableIntegers {
  readonly #file: BoundedBytes;
  readonly #end: number;
  #at: number;

  constructor(file: BoundedBytes, at: number, end: number) {
    this.#file = file;
    this.#at = at;
    this.#end = end;
  }

  next(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 63n; shift += 7n) {
      if (this.#at >= this.#end) this.#file.fail('a block header ends within a number', this.#at);
      const byte = this.#file.u8(this.#at);
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.#file.fail('a number of more than 63 bits', this.#at);
  }

  bytes(length: bigint): Uint8Array {
    if (length > BigInt(this.#end - this.#at))
      this.#file.fail('filter properties leave the block header', this.#at);
    const bytes = this.#file.slice(this.#at, length, 'filter properties');
    this.#at += bytes.length;
    return bytes;
  }
}

/** @returns where the chunks end. */
function decodeLzma2(file: BoundedBytes, start: number, output: BoundedOutput): number {
  const decoder = new LzmaDecoder(file, output);
  let needsDictionary = true;
  let needsProperties = true;
  let needsState = true;
  let at = start;
  for (;;) {
    const control = file.u8(at);
    if (control === LZMA2_END) return at + 1;
    if (control < LZMA2_LZMA) {
      if (control > LZMA2_COPY) file.fail(`an LZMA2 chunk of kind ${hex(control)}`, at);
      if (control === LZMA2_COPY_RESET) {
        decoder.resetDictionary();
        needsDictionary = false;
      }
      if (needsDictionary) file.fail('the first chunk does not reset the dictionary', at);
      const size = u16be(file, at + 1) + 1;
      output.append(file.slice(at + 3, size, 'an uncompressed chunk'));
      needsState = true;
      at += 3 + size;
      continue;
    }

    const resets = (control >> 5) & 3;
    const uncompressed = ((control & 0x1f) << 16) + u16be(file, at + 1) + 1;
    const compressed = u16be(file, at + 3) + 1;
    let data = at + 5;
    if (resets === RESETS_DICTIONARY) {
      decoder.resetDictionary();
      needsDictionary = false;
    }
    if (needsDictionary) file.fail('the first chunk does not reset the dictionary', at);
    if (resets >= RESETS_PROPERTIES) {
      setProperties(file, decoder, data);
      needsProperties = false;
      data += 1;
    }
    if (needsProperties) file.fail('a chunk comes before properties', at);
    if (resets >= RESETS_STATE) {
      decoder.resetState();
      needsState = false;
    }
    if (needsState) file.fail('a chunk does not reset the state after an uncompressed one', at);
    file.slice(data, compressed, 'a chunk');
    decoder.setInput(data, data + compressed);
    decoder.decode(uncompressed);
    if (!decoder.isFinished) file.fail('a chunk has more bytes than it needs', at);
    at = data + compressed;
  }
}

function setProperties(file: BoundedBytes, decoder: LzmaDecoder, at: number): void {
  const byte = file.u8(at);
  const lc = byte % 9;
  const lp = Math.floor(byte / 9) % 5;
  if (lc + lp > 4) file.fail(`lc + lp is ${lc + lp}, where 4 is the most for LZMA2`, at);
  decoder.setProperties(byte, at);
}

function u32le(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

function u16be(file: BoundedBytes, at: number): number {
  return file.u8(at) * 256 + file.u8(at + 1);
}

/** The checks that have a name are verified; a file may have none. */
function verifyCheck(file: BoundedBytes, at: number, check: number, contents: Uint8Array): void {
  const stored = file.slice(at, CHECK_SIZES[check] ?? 0, 'the check of a block');
  const holds =
    check === CHECK_CRC32
      ? file.u32le(at) === crc32(contents)
      : check === CHECK_CRC64
        ? file.u64le(at) === crc64(contents)
        : check === CHECK_SHA256
          ? equalBytes(sha256(contents), stored)
          : true;
  if (!holds) file.fail('the check of a block does not hold', at);
}
