/** Finds where compressed data ends without decompressing it, in the formats whose blocks have their size in front. */
import { BoundedBytes } from '../../base/bytes.js';
import { hasMagic } from '../magics.js';
import { compressionBlame } from './bounded-output.js';
import { MAX_LEGACY_COMPRESSED_BYTES } from './lz4.js';
import { readZstdHeader } from './zstd/frame-header.js';

const ZSTD_BLOCK_HEADER = 3;
const ZSTD_CHECKSUM = 4;
/** A block that repeats one byte. */
const ZSTD_RUN = 1;

/**
 * Finds the end of a zstd frame.
 *
 * @param bytes - they begin with the frame
 * @throws KexecError `EBADMSG`, check `compressed-data`, if the frame is cut short.
 */
export function findZstdFrameEnd(bytes: Uint8Array): number {
  const file = new BoundedBytes(bytes, compressionBlame('Zstandard'));
  const { end, hasChecksum } = readZstdHeader(file, 0);
  let at = end;
  for (let isLast = false; !isLast; ) {
    const word = file.u16le(at) | (file.u8(at + 2) << 16);
    isLast = (word & 1) !== 0;
    const size = ((word >> 1) & 3) === ZSTD_RUN ? 1 : word >> 3;
    file.slice(at + ZSTD_BLOCK_HEADER, size, 'a block');
    at += ZSTD_BLOCK_HEADER + size;
  }
  if (!hasChecksum) return at;
  file.slice(at, ZSTD_CHECKSUM, 'the content checksum');
  return at + ZSTD_CHECKSUM;
}

/**
 * Finds the end of LZ4 data in the legacy format, as `unlz4()` of the kernel does: a word that is no size of a block.
 *
 * @param bytes - they begin with the magic
 * @throws KexecError `EBADMSG`, check `compressed-data`, if a block is cut short.
 */
export function findLegacyLz4End(bytes: Uint8Array): number {
  const file = new BoundedBytes(bytes, compressionBlame('LZ4'));
  let at = 4;
  while (at + 4 < file.length) {
    if (hasMagic(bytes.subarray(at, at + 4), 'lz4Legacy')) {
      at += 4;
      continue;
    }
    const size = file.u32le(at);
    if (size > MAX_LEGACY_COMPRESSED_BYTES || size === 0) return at;
    file.slice(at + 4, size, 'a block');
    at += 4 + size;
  }
  return at;
}
