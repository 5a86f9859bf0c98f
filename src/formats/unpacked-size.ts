import { BoundedBytes } from '../base/bytes.js';
import { readZstdHeader } from './compression/zstd/frame-header.js';
import { parseCpio } from './cpio.js';
import { hasMagic } from './magics.js';

/** A gzip member of 18 bytes holds nothing. */
const SMALLEST = 18;

/**
 * How many bytes an initrd holds unpacked, where it tells without being unpacked: a cpio archive as many as it has (with
 * what follows it, perhaps compressed), gzip in its last word (RFC 1952: modulo 2^32, and of the last member alone), zstd
 * perhaps in its frame's header (RFC 8878).
 *
 * @returns undefined for what does not tell, and for what tells less than is there
 * @throws KexecError as {@link parseCpio} refuses.
 */
export function readUnpackedSize(bytes: Uint8Array): bigint | undefined {
  if (bytes.length < SMALLEST) return undefined;
  if (hasMagic(bytes, 'cpio')) {
    const { rest } = parseCpio(bytes);
    if (rest === undefined) return BigInt(bytes.length);
    const packed = readUnpackedSize(bytes.subarray(rest.offset));
    return packed === undefined ? undefined : BigInt(rest.offset) + packed;
  }
  const file = new BoundedBytes(bytes, { what: 'initrd', check: 'file-kind', errno: 'EINVAL' });
  const told = hasMagic(bytes, 'gzip') ? BigInt(file.u32le(bytes.length - 4)) : zstdSize(file);
  return told !== undefined && told >= BigInt(bytes.length) ? told : undefined;
}

function zstdSize(file: BoundedBytes): bigint | undefined {
  return hasMagic(file.bytes, 'zstd') ? readZstdHeader(file, 0).contentSize : undefined;
}
