/**
 * LZ4: the block format, the frame format 1.6.3 that `lz4` writes, and the legacy format of `lz4 -l`, in which kernels are
 * compressed.
 */
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import { type BoundedOutput, compressionBlame, type OutputBound, runDecoder } from './bounded-output.js';
import { xxh32 } from './checksums.js';

/** The most bytes that a block of the legacy format decompresses to. */
const MAX_LEGACY_BLOCK_BYTES = 8 << 20;

/** The most bytes of a compressed block: the size of incompressible data (LZ4_COMPRESSBOUND). */
const MAX_LEGACY_COMPRESSED_BYTES = MAX_LEGACY_BLOCK_BYTES + Math.floor(MAX_LEGACY_BLOCK_BYTES / 255) + 16;

/** Bits of FLG. The version, in the two highest bits, is 01. */
const FLAG = {
  version: 0xc0,
  independent: 0x20,
  blockChecksum: 0x10,
  size: 8,
  checksum: 4,
  reserved: 2,
  dictionary: 1,
};

/** The length of the shortest match, in bytes. */
const MIN_MATCH = 4;

/**
 * Decompresses an LZ4 file of either format. Bytes after it are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressLz4(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('LZ4'));
  const magic = file.u32le(0);
  const isLegacy = hasMagic(bytes, 'lz4Legacy');
  if (!isLegacy && !hasMagic(bytes, 'lz4Frame')) file.fail(`the magic is ${hex(magic)}`, 0);
  return runDecoder(bound, (output) => (isLegacy ? decodeLegacy(file, output) : decodeFrame(file, output)));
}

/** Decodes blocks up to the end of the file or the first bytes that are no block: kernels append the size in 4 bytes. */
function decodeLegacy(file: BoundedBytes, output: BoundedOutput): void {
  let at = 4;
  while (at + 4 < file.length) {
    const size = file.u32le(at);
    if (size === 0 || size > MAX_LEGACY_COMPRESSED_BYTES) return;
    const start = output.length;
    decodeBlock(file, at + 4, size, output, start);
    if (output.length - start > MAX_LEGACY_BLOCK_BYTES)
      file.fail('a block decompresses to more than 8 MiB', at);
    at += 4 + size;
  }
}

function decodeFrame(file: BoundedBytes, output: BoundedOutput): void {
  const flags = file.u8(4);
  if ((flags & FLAG.version) !== 0x40 || (flags & FLAG.reserved) !== 0) file.fail(`FLG is ${hex(flags)}`, 4);
  if ((flags & FLAG.dictionary) !== 0) file.fail('the frame needs a dictionary', 4);
  const blockSize = readMaxBlockSize(file);
  const headerEnd = 6 + ((flags & FLAG.size) === 0 ? 0 : 8);
  const headerSum = (xxh32(file.slice(4, headerEnd - 4, 'the frame descriptor')) >>> 8) & 0xff;
  if (file.u8(headerEnd) !== headerSum) file.fail('the header checksum does not match', headerEnd);

  let at = headerEnd + 1;
  for (;;) {
    const word = file.u32le(at);
    const size = word & 0x7fffffff;
    at += 4;
    if (word === 0) break;
    if (size > blockSize) file.fail(`a block has ${hex(size)} bytes; the limit is ${hex(blockSize)}`, at - 4);
    const data = file.slice(at, size, 'a block');
    const start = output.length;
    if (word >>> 31 === 1) output.append(data);
    else decodeBlock(file, at, size, output, (flags & FLAG.independent) === 0 ? 0 : start);
    if (output.length - start > blockSize)
      file.fail(`a block decompresses to more than ${hex(blockSize)} bytes`, at);
    at += size;
    if ((flags & FLAG.blockChecksum) !== 0) {
      if (file.u32le(at) !== xxh32(data)) file.fail('the checksum of a block does not match', at);
      at += 4;
    }
  }
  if ((flags & FLAG.size) !== 0 && file.u64le(6) !== BigInt(output.length)) {
    file.fail(`the frame has ${output.length} bytes, not ${file.u64le(6)} as its header says`, 6);
  }
  if ((flags & FLAG.checksum) !== 0 && file.u32le(at) !== xxh32(output.bytes.subarray(0, output.length))) {
    file.fail('the content checksum does not match', at);
  }
}

/** Reads the maximum size of blocks from BD: 64 KiB, 256 KiB, 1 MiB or 4 MiB. */
function readMaxBlockSize(file: BoundedBytes): number {
  const descriptor = file.u8(5);
  const exponent = descriptor >> 4;
  if (exponent < 4 || exponent > 7 || (descriptor & 0x0f) !== 0) file.fail(`BD is ${hex(descriptor)}`, 5);
  return 1 << (8 + 2 * exponent);
}

/** Decodes sequences of literals and a match; the last one has no match. Matches begin at `windowStart` or later. */
function decodeBlock(
  file: BoundedBytes,
  offset: number,
  size: number,
  output: BoundedOutput,
  windowStart: number,
): void {
  const block = file.slice(offset, size, 'a block');
  let at = 0;
  const fail = (seen: string): never => file.fail(seen, offset + at);
  const next = (): number => {
    const byte = block[at];
    if (byte === undefined) return fail('a block ends within a sequence');
    at += 1;
    return byte;
  };
  const longLength = (): number => {
    let sum = 15;
    let byte: number;
    do {
      byte = next();
      sum += byte;
    } while (byte === 255);
    return sum;
  };

  for (;;) {
    const token = next();
    const literals = token >> 4 === 15 ? longLength() : token >> 4;
    if (at + literals > size) fail(`${literals} literals leave the block`);
    output.appendPart(block, at, literals);
    at += literals;
    if (at === size) return;
    const distance = next() | (next() << 8);
    if (distance === 0 || distance > output.length - windowStart) fail(`a match from ${distance} bytes ago`);
    const match = (token & 15) === 15 ? longLength() : token & 15;
    output.copyMatch(distance, match + MIN_MATCH);
  }
}
