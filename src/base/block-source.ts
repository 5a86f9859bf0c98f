import { BoundedMap } from './bounded-map.js';
import type { ByteSource } from './byte-source.js';

/** What is read at once, in bytes: reads are often small and close to each other. */
const BLOCK_BYTES = 1 << 14;
const MAX_CACHED_BLOCKS = 256;

/**
 * Reads from something slow in blocks, and keeps the last ones.
 *
 * @param size - in bytes
 * @param fill - reads bytes from an offset into a buffer that it may keep no reference to; it stays within the size
 */
export function createBlockSource(
  size: bigint,
  fill: (offset: bigint, into: Uint8Array) => void,
): Required<ByteSource> {
  const blocks = new BoundedMap<bigint, Uint8Array>(MAX_CACHED_BLOCKS);
  const readBlock = (number: bigint): Uint8Array => {
    const cached = blocks.get(number);
    if (cached !== undefined) return cached;
    const offset = number * BigInt(BLOCK_BYTES);
    const left = size - offset;
    const block = new Uint8Array(left < BigInt(BLOCK_BYTES) ? Number(left) : BLOCK_BYTES);
    fill(offset, block);
    blocks.set(number, block);
    return block;
  };
  const read = (offset: bigint, length: number): Uint8Array => {
    const within = Number(offset % BigInt(BLOCK_BYTES));
    if (within + length <= BLOCK_BYTES)
      return readBlock(offset / BigInt(BLOCK_BYTES)).subarray(within, within + length);
    const bytes = new Uint8Array(length);
    fill(offset, bytes);
    return bytes;
  };
  const readInto = (offset: bigint, into: Uint8Array): void => {
    if (into.length <= BLOCK_BYTES) into.set(read(offset, into.length));
    else fill(offset, into);
  };
  return { size, read, readInto };
}
