/**
 * LZ4: the block format, the frame format 1.6.3 that `lz4` writes, and the legacy format of `lz4 -l`, in which kernels
 * are compressed.
 */
import { BoundedBytes } from '../../base/bytes.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import {
  type BoundedOutput,
  compressionBlame,
  decodeMembers,
  type OutputBound,
  runDecoder,
} from './bounded-output.js';
import { xxh32 } from './checksums.js';
import { isSkippableFrame, skipFrame } from './skippable-frame.js';

/** The most bytes that a block of the legacy format decompresses to. */
const MAX_LEGACY_BLOCK_BYTES = 8 << 20;

/** The most bytes of a compressed block: the size of incompressible data (LZ4_COMPRESSBOUND). */
export const MAX_LEGACY_COMPRESSED_BYTES =
  MAX_LEGACY_BLOCK_BYTES + Math.floor(MAX_LEGACY_BLOCK_BYTES / 255) + 16;

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
 * Decompresses an LZ4 file: frames of either format, one after the other, as `lz4 -d` does. Bytes after them are
 * ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressLz4(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('LZ4'));
  const magic = file.u32le(0);
  const isMember = (at: number): boolean => findMemberKind(bytes, at) !== undefined;
  if (!isMember(0)) file.fail(`the magic is ${hex(magic)}`, 0);
  return runDecoder(bound, (output) => {
    const decode = (at: number): number => {
      const kind = findMemberKind(bytes, at);
      if (kind === 'skippable') return skipFrame(file, at);
      return kind === 'legacy'
        ? decodeLegacy(file, at, output, bound.members === 'first')
        : decodeFrame(file, at, output);
    };
    return decodeMembers({ file, isMember, decode }, bound);
  });
}

function findMemberKind(bytes: Uint8Array, at: number): 'legacy' | 'frame' | 'skippable' | undefined {
  const start = bytes.subarray(at, at + 4);
  if (hasMagic(start, 'lz4Legacy')) return 'legacy';
  if (hasMagic(start, 'lz4Frame')) return 'frame';
  return isSkippableFrame(start) ? 'skippable' : undefined;
}

/**
 * Decodes blocks up to the end of the file, or to a word that is no size of a block: the next magic, or the size that
 * kernels append in 4 bytes.
 *
 * @param likeKernel - whether a size of 0 ends the member, and a further magic does not: for the kernel, which skips
 *   magics, and which an initrd's padding ends (unlz4() since Linux 5.14); for `lz4 -d` a size of 0 is damage
 */
function decodeLegacy(
  file: BoundedBytes,
  memberStart: number,
  output: BoundedOutput,
  likeKernel: boolean,
): number {
  let at = memberStart + 4;
  while (at + 4 < file.length) {
    const size = file.u32le(at);
    if (likeKernel && hasMagic(file.bytes.subarray(at, at + 4), 'lz4Legacy')) {
      at += 4;
      continue;
    }
    if (size > MAX_LEGACY_COMPRESSED_BYTES || (size === 0 && likeKernel)) return at;
    const start = output.length;
    decodeBlock(file, at + 4, size, output, start);
    if (output.length - start > MAX_LEGACY_BLOCK_BYTES)
      file.fail('a block decompresses to more than 8 MiB', at);
    at += 4 + size;
  }
  return at;
}

/** The header of a frame. Offsets are in bytes from the start of the file. */
interface FrameHeader {
  readonly flags: number;
  /** The most bytes of a block. */
  readonly blockSize: number;
  readonly contentSize: bigint | undefined;
  readonly end: number;
}

function readFrameHeader(file: BoundedBytes, start: number): FrameHeader {
  const descriptor = start + 4;
  const flags = file.u8(descriptor);
  if ((flags & FLAG.version) !== 0x40 || (flags & FLAG.reserved) !== 0)
    file.fail(`FLG is ${hex(flags)}`, descriptor);
  if ((flags & FLAG.dictionary) !== 0) file.fail('the frame needs a dictionary', descriptor);
  const hasSize = (flags & FLAG.size) !== 0;
  const end = descriptor + 2 + (hasSize ? 8 : 0);
  const sum = (xxh32(file.slice(descriptor, end - descriptor, 'the frame descriptor')) >>> 8) & 0xff;
  if (file.u8(end) !== sum) file.fail('the header checksum does not match', end);
  return {
    flags,
    blockSize: readMaxBlockSize(file, descriptor + 1),
    contentSize: hasSize ? file.u64le(descriptor + 2) : undefined,
    end: end + 1,
  };
}

/** @returns the end of the frame */
function decodeFrame(file: BoundedBytes, frameStart: number, output: BoundedOutput): number {
  const { flags, blockSize, contentSize, end } = readFrameHeader(file, frameStart);
  const contentStart = output.length;
  let at = end;
  for (;;) {
    const word = file.u32le(at);
    const size = word & 0x7fffffff;
    at += 4;
    if (word === 0) break;
    if (size > blockSize)
      file.fail(`a block has ${formatBytes(size)}; the limit is ${formatBytes(blockSize)}`, at - 4);
    const data = file.slice(at, size, 'a block');
    const start = output.length;
    if (word >>> 31 === 1) output.append(data);
    else decodeBlock(file, at, size, output, (flags & FLAG.independent) === 0 ? contentStart : start);
    if (output.length - start > blockSize)
      file.fail(`a block decompresses to more than ${formatBytes(blockSize)}`, at);
    at += size;
    if ((flags & FLAG.blockChecksum) !== 0) {
      if (file.u32le(at) !== xxh32(data)) file.fail('the checksum of a block does not match', at);
      at += 4;
    }
  }
  const contents = output.bytes.subarray(contentStart, output.length);
  if (contentSize !== undefined && contentSize !== BigInt(contents.length)) {
    file.fail(`the frame has ${contents.length} bytes, not ${contentSize} as its header says`, frameStart);
  }
  if ((flags & FLAG.checksum) === 0) return at;
  if (file.u32le(at) !== xxh32(contents)) file.fail('the content checksum does not match', at);
  return at + 4;
}

/** Reads the maximum size of blocks from BD: 64 KiB, 256 KiB, 1 MiB or 4 MiB. */
function readMaxBlockSize(file: BoundedBytes, at: number): number {
  const descriptor = file.u8(at);
  const exponent = descriptor >> 4;
  if (exponent < 4 || exponent > 7 || (descriptor & 0x0f) !== 0) file.fail(`BD is ${hex(descriptor)}`, at);
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
