import { BoundedBytes } from '../base/bytes.js';
import { readZstdHeader } from './compression/zstd/frame-header.js';
import { parseCpio } from './cpio.js';
import { hasMagic } from './magics.js';

/** The size of an empty gzip member: header and trailer. */
const MIN_BYTES = 18;

/**
 * Reads the size of a decompressed initrd without decompressing it. An uncompressed cpio archive has its own size, and
 * that of a compressed archive after it. gzip has the size of its last member in its last word, modulo 2^32 (RFC 1952).
 * zstd may have it in the header of its frame (RFC 8878).
 *
 * @returns the size in bytes; undefined if the format has none, or one smaller than the compressed data
 * @throws KexecError as {@link parseCpio}.
 */
export function readUnpackedSize(bytes: Uint8Array): bigint | undefined {
  if (bytes.length < MIN_BYTES) return undefined;
  if (hasMagic(bytes, 'cpio')) {
    const { rest } = parseCpio(bytes, 0);
    if (rest === undefined) return BigInt(bytes.length);
    const restSize = readUnpackedSize(bytes.subarray(rest.offset));
    return restSize === undefined ? undefined : BigInt(rest.offset) + restSize;
  }
  const file = new BoundedBytes(bytes, { what: 'initrd', check: 'file-kind', errno: 'EINVAL' });
  const size = hasMagic(bytes, 'gzip') ? BigInt(file.u32le(bytes.length - 4)) : readZstdSize(file);
  return size !== undefined && size >= BigInt(bytes.length) ? size : undefined;
}

function readZstdSize(file: BoundedBytes): bigint | undefined {
  return hasMagic(file.bytes, 'zstd') ? readZstdHeader(file, 0).contentSize : undefined;
}
