/**
 * The .xz file format 1.2.1 with LZMA2, and the filter for arm64 that kernels are compressed with since Linux 6.12.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { align4, BoundedBytes, equalBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import { unfilterArm64 } from './arm64-filter.js';
import {
  type BoundedOutput,
  compressionBlame,
  decodeMembers,
  type OutputBound,
  runDecoder,
} from './bounded-output.js';
import { crc32, crc64 } from './checksums.js';
import { LzmaDecoder } from './lzma.js';
import {
  INDEX_INDICATOR,
  readStreamEnd,
  readStreamFlags,
  requireZeros,
  type XzRecord,
} from './xz/index-footer.js';
import { VariableIntegers } from './xz/variable-integers.js';

const HEADER_SIZE = 12;

/** The most blocks of a stream. `xz -T0` writes one for 1 MiB or more. */
const MAX_BLOCKS = 65_536;

/** Filter IDs. */
const LZMA2 = 0x21n;
const ARM64 = 0x0an;

/** The size of a check in bytes, by its ID (section 2.1.1.2). */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const CHECK_CRC32 = 1;
const CHECK_CRC64 = 4;
const CHECK_SHA256 = 10;

/** Control bytes of LZMA2's chunks. */
const LZMA2_END = 0;
const LZMA2_COPY_RESET = 1;
const LZMA2_COPY = 2;
const LZMA2_LZMA = 0x80;

/** Bits 5 and 6 of the control byte: a chunk resets this, and everything of a lower number. */
const RESETS_STATE = 1;
const RESETS_PROPERTIES = 2;
const RESETS_DICTIONARY = 3;

interface Block {
  /** The offset of the compressed data in the file. */
  readonly start: number;
  /** The start offset of the arm64 filter; undefined without the filter. */
  readonly arm64From: number | undefined;
  readonly uncompressedSize: bigint | undefined;
}

/**
 * Decompresses an xz file: its streams and the padding between them, as `xz -d` does. Verifies the check of each block,
 * and the index and the footer of each stream. Bytes after them are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressXz(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('xz'));
  return runDecoder(bound, (output) => {
    const decode = (at: number): number => {
      const end = decodeStream(file, at, output);
      // The kernel's decoder ends at the footer.
      return bound.members === 'first' ? end : skipPadding(bytes, end);
    };
    return decodeMembers({ file, isMember: (at) => hasMagic(bytes.subarray(at), 'xz'), decode }, bound);
  });
}

/** @returns the end of the stream */
function decodeStream(file: BoundedBytes, streamStart: number, output: BoundedOutput): number {
  file.slice(streamStart, HEADER_SIZE, 'the stream header');
  if (!hasMagic(file.bytes.subarray(streamStart), 'xz')) file.fail('it has no xz magic', streamStart);
  const check = readStreamFlags(file, streamStart + 6);
  if (crc32(file.slice(streamStart + 6, 2, 'the stream flags')) !== file.u32le(streamStart + 8)) {
    file.fail('the CRC of the stream header does not match', streamStart + 8);
  }
  const records: XzRecord[] = [];
  let at = streamStart + HEADER_SIZE;
  while (file.u8(at) !== INDEX_INDICATOR) {
    if (records.length === MAX_BLOCKS) file.fail(`a stream has more than ${MAX_BLOCKS} blocks`, at);
    const blockStart = at;
    const outputStart = output.length;
    const block = parseBlockHeader(file, at);
    const dataEnd = decodeLzma2(file, block.start, output);
    const contents = output.bytes.subarray(outputStart, output.length);
    if (block.arm64From !== undefined) unfilterArm64(contents, block.arm64From);
    if (block.uncompressedSize !== undefined && block.uncompressedSize !== BigInt(contents.length)) {
      file.fail(`a block has ${contents.length} bytes, not ${block.uncompressedSize} as its header says`, at);
    }
    const checkStart = blockStart + align4(dataEnd - blockStart);
    requireZeros(file, dataEnd, checkStart, "a block's padding");
    verifyCheck(file, checkStart, check, contents);
    const checkSize = CHECK_SIZES[check] ?? 0;
    records.push({ size: dataEnd - blockStart + checkSize, uncompressedSize: contents.length });
    at = checkStart + checkSize;
  }
  return readStreamEnd(file, { start: at, check, records });
}

/** Parses a block header: section 3.1. */
function parseBlockHeader(file: BoundedBytes, at: number): Block {
  const size = (file.u8(at) + 1) * 4;
  file.slice(at, size, 'a block header');
  const end = at + size - 4;
  if (crc32(file.slice(at, size - 4, 'a block header')) !== file.u32le(end)) {
    file.fail('the CRC of a block header does not match', end);
  }
  const flags = file.u8(at + 1);
  if ((flags & 0x3c) !== 0) file.fail(`the block flags are ${hex(flags)}`, at + 1);
  const header = new VariableIntegers(file, 'a block header', at + 2, end);
  if ((flags & 0x40) !== 0) header.next();
  const uncompressedSize = (flags & 0x80) !== 0 ? header.next() : undefined;

  let arm64From: number | undefined;
  for (let left = flags & 3; left > 0; left -= 1) {
    const id = header.next();
    const properties = header.bytes(header.next());
    if (id !== ARM64) file.fail(`a block has the filter ${hex(id)}; kexec-file supports that for arm64`, at);
    arm64From = properties.length === 4 ? readU32le(properties) : 0;
  }
  const last = header.next();
  if (last !== LZMA2) file.fail(`the last filter is ${hex(last)}, not LZMA2`, at);
  header.bytes(header.next());
  return { start: at + size, arm64From, uncompressedSize };
}

/** Skips the padding after a stream: zeros, a multiple of 4 (section 2.2). Other zeros are no padding. */
function skipPadding(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] === 0) at += 1;
  return (at - start) % 4 === 0 ? at : start;
}

/** Decodes chunks of LZMA2. @returns their end */
function decodeLzma2(file: BoundedBytes, start: number, output: BoundedOutput): number {
  const decoder = new ChunkDecoder(file, output);
  for (let at = start; ; ) {
    const control = file.u8(at);
    if (control === LZMA2_END) return at + 1;
    at = control < LZMA2_LZMA ? decoder.copyChunk(at, control) : decoder.decodeChunk(at, control);
  }
}

/** Decodes single chunks, and refuses one that uses what no chunk has set. Each method returns the end of its chunk. */
class ChunkDecoder {
  readonly #file: BoundedBytes;
  readonly #output: BoundedOutput;
  readonly #decoder: LzmaDecoder;
  #needsDictionary = true;
  #needsProperties = true;
  #needsState = true;

  constructor(file: BoundedBytes, output: BoundedOutput) {
    this.#file = file;
    this.#output = output;
    this.#decoder = new LzmaDecoder(file, output);
  }

  copyChunk(at: number, control: number): number {
    const file = this.#file;
    if (control > LZMA2_COPY) file.fail(`an LZMA2 chunk has the control byte ${hex(control)}`, at);
    this.#startChunk(at, control === LZMA2_COPY_RESET);
    const size = readU16be(file, at + 1) + 1;
    this.#output.append(file.slice(at + 3, size, 'an uncompressed chunk'));
    this.#needsState = true;
    return at + 3 + size;
  }

  decodeChunk(at: number, control: number): number {
    const file = this.#file;
    const decoder = this.#decoder;
    const resets = (control >> 5) & 3;
    const uncompressed = ((control & 0x1f) << 16) + readU16be(file, at + 1) + 1;
    const compressed = readU16be(file, at + 3) + 1;
    let data = at + 5;
    this.#startChunk(at, resets === RESETS_DICTIONARY);
    if (resets >= RESETS_PROPERTIES) {
      setProperties(file, decoder, data);
      this.#needsProperties = false;
      data += 1;
    }
    if (this.#needsProperties) file.fail('a chunk precedes the properties', at);
    if (resets >= RESETS_STATE) {
      decoder.resetState();
      this.#needsState = false;
    }
    if (this.#needsState) file.fail('a chunk does not reset the state after an uncompressed one', at);
    file.slice(data, compressed, 'a chunk');
    decoder.setInput(data, data + compressed);
    decoder.decode(uncompressed);
    if (!decoder.isFinished) file.fail('a chunk has more bytes than it needs', at);
    return data + compressed;
  }

  #startChunk(at: number, resetsDictionary: boolean): void {
    if (resetsDictionary) {
      this.#decoder.resetDictionary();
      this.#needsDictionary = false;
    }
    if (this.#needsDictionary) this.#file.fail('the first chunk does not reset the dictionary', at);
  }
}

function setProperties(file: BoundedBytes, decoder: LzmaDecoder, at: number): void {
  const byte = file.u8(at);
  const lc = byte % 9;
  const lp = Math.floor(byte / 9) % 5;
  if (lc + lp > 4) file.fail(`lc + lp is ${lc + lp}, where 4 is the most for LZMA2`, at);
  decoder.setProperties(byte, at);
}

function readU32le(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

function readU16be(file: BoundedBytes, at: number): number {
  return file.u8(at) * 256 + file.u8(at + 1);
}

/** Verifies a check of a known ID; a file may have none. */
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
  if (!holds) file.fail('the check of a block does not match', at);
}
