/** Zstandard: RFC 8878, without dictionaries. */
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import {
  type BoundedOutput,
  compressionBlame,
  decodeMembers,
  type OutputBound,
  runDecoder,
} from './bounded-output.js';
import { isSkippableFrame, skipFrame } from './skippable-frame.js';
import { xxh64Low } from './xxh64.js';
import { readZstdHeader } from './zstd/frame-header.js';
import { type HuffmanTable, readLiterals } from './zstd/literals.js';
import { runSequences, type SequenceState } from './zstd/sequences.js';

/**
 * Decompresses a Zstandard file of one or more frames. Bytes after them are ignored: kernels append the size there.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressZstd(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('Zstandard'));
  if (!isFrame(file, 0)) file.fail(`the magic is ${hex(file.u32le(0))}`, 0);
  return runDecoder(bound, (output) => {
    const decode = (at: number): number =>
      hasMagic(bytes.subarray(at), 'zstd') ? decodeFrame(file, at, output) : skipFrame(file, at);
    return decodeMembers({ file, isMember: (at) => isFrame(file, at), decode }, bound);
  });
}

function isFrame({ bytes }: BoundedBytes, at: number): boolean {
  const start = bytes.subarray(at, at + 4);
  return hasMagic(start, 'zstd') || isSkippableFrame(start);
}

/** Types of blocks. */
const RAW = 0;
const RUN = 1;
const COMPRESSED = 2;

/** @returns the end of the frame */
function decodeFrame(file: BoundedBytes, start: number, output: BoundedOutput): number {
  const header = readZstdHeader(file, start);
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
      file.fail(`a block has ${size} bytes; the limit is ${header.blockLimit}`, at - 3);
    const blockStart = output.length;
    if (type === RAW) {
      output.append(file.slice(at, size, 'a block'));
      at += size;
    } else if (type === RUN) {
      output.append(new Uint8Array(size).fill(file.u8(at)));
      at += 1;
    } else if (type === COMPRESSED) {
      file.slice(at, size, 'a block');
      const literals = readLiterals({ file, start: at, end: at + size }, huffman, header.blockLimit);
      huffman = literals.table;
      runSequences({ file, start: literals.end, end: at + size }, literals.bytes, sequences, output);
      at += size;
    } else {
      file.fail('a block has a reserved type', at - 3);
    }
    if (output.length - blockStart > header.blockLimit) {
      file.fail(`a block decompresses to more than ${header.blockLimit} bytes`, at);
    }
    if (isLast) break;
  }
  const contents = output.bytes.subarray(from, output.length);
  if (header.contentSize !== undefined && header.contentSize !== BigInt(contents.length)) {
    file.fail(`the frame has ${contents.length} bytes, not ${header.contentSize} as its header says`, start);
  }
  if (!header.hasChecksum) return at;
  if (file.u32le(at) !== xxh64Low(contents)) file.fail('the content checksum does not match', at);
  return at + 4;
}
