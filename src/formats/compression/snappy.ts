/** Snappy without framing: format_description.txt of google/snappy. */
import { BoundedBytes } from '../../base/bytes.js';
import { type BoundedOutput, compressionBlame, runDecoder } from './bounded-output.js';

/** Kinds of elements, in the lower two bits of a tag; the other kinds are copies, too. */
const LITERALS = 0;
const NEAR_COPY = 1;

/** A longer literal has its length in the bytes after the tag; the excess is the number of these bytes. */
const MAX_LENGTH_IN_TAG = 60;

/**
 * Decompresses one block of Snappy.
 *
 * @param size - the expected size of the decompressed block, in bytes, which the block must also have in its header
 * @throws KexecError `EBADMSG`, check `compressed-data`, if it is damaged or of another size.
 */
export function decompressSnappy(bytes: Uint8Array, size: number): Uint8Array {
  const block = new BoundedBytes(bytes, compressionBlame('Snappy'));
  const { size: claimed, end } = readSize(block);
  if (claimed !== size) block.fail(`its header says ${claimed} bytes, not ${size}`, 0);
  return runDecoder({ limit: size, atLimit: 'refuse' }, (output) => {
    for (let at = end; at < block.length; ) at = decodeElement(block, at, output);
    if (output.length !== size) block.fail(`it decompresses to ${output.length} bytes, not ${size}`);
    return undefined;
  });
}

/** Reads a number of seven bits per byte, the lowest first; the eighth bit is set if more bytes follow. */
function readSize(block: BoundedBytes): { readonly size: number; readonly end: number } {
  let size = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block.u8(at);
    size += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { size, end: at + 1 };
  }
  return block.fail('its size has more than 32 bits', 0);
}

/** Decodes the element at an offset. @returns the offset of the next one */
function decodeElement(block: BoundedBytes, at: number, output: BoundedOutput): number {
  const tag = block.u8(at);
  const kind = tag & 3;
  const high = tag >> 2;
  if (kind === LITERALS) {
    const more = Math.max(high + 1 - MAX_LENGTH_IN_TAG, 0);
    const length = 1 + (more === 0 ? high : readNumber(block, at + 1, more));
    output.append(block.slice(at + 1 + more, length, 'literals'));
    return at + 1 + more + length;
  }
  const more = kind === NEAR_COPY ? 1 : kind === 2 ? 2 : 4;
  const distance = readNumber(block, at + 1, more) + (kind === NEAR_COPY ? (tag >> 5) << 8 : 0);
  if (distance === 0 || distance > output.length)
    block.fail(`a copy is ${distance} bytes back, before the block`, at);
  output.copyMatch(distance, kind === NEAR_COPY ? 4 + (high & 7) : high + 1);
  return at + 1 + more;
}

/** Reads a little-endian number of `bytes` bytes. */
function readNumber(block: BoundedBytes, at: number, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index += 1) value += block.u8(at + index) * 2 ** (8 * index);
  return value;
}
