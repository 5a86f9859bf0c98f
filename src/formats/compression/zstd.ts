/** Zstandard: RFC 8878, without dictionaries. */
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { type BoundedOutput, collect, compressionBlame, type OutputBound } from './output.js';
import { xxh64Low } from './xxh64.js';
import { type HuffmanTable, readLiterals } from './zstd/literals.js';
import { runSequences, type SequenceState } from './zstd/sequences.js';

const MAGIC = 0xfd2fb528;
/** The magic of a frame to be skipped, in its upper 28 bits. */
const SKIPPABLE = 0x184d2a5;

const MAX_BLOCK = 128 << 10;
const MAX_WINDOW_LOG = 31;

/** Sizes of fields, by the bits of the descriptor that tell them. */
const DICTIONARY_ID_SIZES = [0, 1, 2, 4] as const;
const CONTENT_SIZES = [0, 2, 4, 8] as const;

/**
 * What is in a Zstandard file, which may be of several frames. What follows them is let be: kernels append the size there.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressZstd(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('Zstandard'));
  if (!isFrame(file, 0)) file.fail(`the magic is ${hex(file.u32le(0))}`, 0);
  return collect(bound, (output) => {
    let at = 0;
    while (isFrame(file, at)) {
      at = file.u32le(at) === MAGIC ? decodeFrame(file, at, output) : at + 8 + file.u32le(at + 4);
    }
  });
}

function isFrame(file: BoundedBytes, at: number): boolean {
  if (at + 8 > file.length) return false;
  const magic = file.u32le(at);
  return magic === MAGIC || magic >>> 4 === SKIPPABLE;
}

interface FrameHeader {
  readonly end: number;
  readonly contentSize: bigint | undefined;
  readonly blockLimit: number;
  readonly hasChecksum: boolean;
}

/** Section 3.1.1.1. */
function readFrameHeader(file: BoundedBytes, start: number): FrameHeader {
  const descriptor = file.u8(start + 4);
  if ((descriptor & 8) !== 0) file.fail('a reserved bit of the frame header is set', start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  let at = start + 5;
  let window = Number.MAX_SAFE_INTEGER;
  if (!isSingleSegment) {
    const byte = file.u8(at);
    const log = 10 + (byte >> 3);
    if (log > MAX_WINDOW_LOG) file.fail(`a window of 2^${log} bytes`, at);
    window = 2 ** log + (2 ** log / 8) * (byte & 7);
    at += 1;
  }
  const idSize = DICTIONARY_ID_SIZES[(descriptor & 3) as 0 | 1 | 2 | 3];
  if (file.slice(at, idSize, 'the dictionary ID').some((byte) => byte !== 0)) {
    file.fail('the frame needs a dictionary', at);
  }
  at += idSize;
  const sizeField = CONTENT_SIZES[(descriptor >> 6) as 0 | 1 | 2 | 3];
  const size = sizeField === 0 && isSingleSegment ? 1 : sizeField;
  let contentSize: bigint | undefined;
  if (size > 0) {
    const field = file.slice(at, size, 'the content size');
    contentSize = field.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + (size === 2 ? 256n : 0n);
    at += size;
  }
  if (isSingleSegment && contentSize !== undefined) window = Number(contentSize);
  return {
    end: at,
    contentSize,
    blockLimit: Math.min(window, MAX_BLOCK),
    hasChecksum: (descriptor & 4) !== 0,
  };
}

/** @returns where the frame ends. */
function decodeFrame(file: BoundedBytes, start: number, output: BoundedOutput): number {
  const header = readFrameHeader(file, start);
  const from = output.length;
  const sequences: SequenceState = { tables: {}, offsets: [1, 4, 8] };
  let huffman: HuffmanTable | undefined;
  let at = header.end;
  for (;;) {
    const word = file.u16le(at) | (file.u8(at + 2) << 16);
    const isLast = (word & 1) !== 0;
    const type = (word >> 1) & 3;
    const size = word >> 3;
    at += 3;
    if (size > header.blockLimit)
      file.fail(`a block of ${size} bytes, where ${header.blockLimit} are the most`, at - 3);
    const blockStart = output.length;
    if (type === 0) {
      output.append(file.slice(at, size, 'a block'));
      at += size;
    } else if (type === 1) {
      output.append(new Uint8Array(size).fill(file.u8(at)));
      at += 1;
    } else if (type === 2) {
      file.slice(at, size, 'a block');
      const literals = readLiterals(file, at, at + size, huffman, header.blockLimit);
      huffman = literals.table;
      runSequences(file, literals.end, at + size, literals.bytes, sequences, output);
      at += size;
    } else {
      file.fail('a block of a reserved type', at - 3);
    }
    if (output.length - blockStart > header.blockLimit) {
      file.fail(`a block gives more than ${header.blockLimit} bytes`, at);
    }
    if (isLast) break;
  }
  const contents = output.bytes.subarray(from, output.length);
  if (header.contentSize !== undefined && header.contentSize !== BigInt(contents.length)) {
    file.fail(`the frame says ${header.contentSize} bytes and has ${contents.length}`, start);
  }
  if (!header.hasChecksum) return at;
  if (file.u32le(at) !== xxh64Low(contents)) file.fail('the content checksum does not hold', at);
  return at + 4;
}
