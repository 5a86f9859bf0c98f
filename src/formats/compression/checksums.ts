/** Checksums of compressed formats and of U-Boot's images. Each takes bytes and returns the checksum. */

function buildReflectedTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? polynomial : 0);
    return value;
  });
}

/** Tables are built on first use: few files need one. */
let crc32Table: Uint32Array | undefined;

/** CRC-32 of gzip, xz and U-Boot (ISO 3309). @param parts - are taken as one */
export function crc32(...parts: readonly Uint8Array[]): number {
  crc32Table ??= buildReflectedTable(0xedb88320);
  const table = crc32Table;
  let crc = 0xffffffff;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 1) {
      crc = (crc >>> 8) ^ (table[(crc ^ (part[at] ?? 0)) & 0xff] ?? 0);
    }
  }
  return ~crc >>> 0;
}

const CRC64_POLYNOMIAL = 0xc96c5795d7870f42n;

/** The halves of the table of CRC-64 (ECMA-182, reflected). */
let crc64Table: { readonly low: Uint32Array; readonly high: Uint32Array } | undefined;

function buildCrc64Table(): { readonly low: Uint32Array; readonly high: Uint32Array } {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = (value >> 1n) ^ (value & 1n ? CRC64_POLYNOMIAL : 0n);
    low[byte] = Number(value & 0xffffffffn);
    high[byte] = Number(value >> 32n);
  }
  return { low, high };
}

/** CRC-64 of xz. */
export function crc64(bytes: Uint8Array): bigint {
  crc64Table ??= buildCrc64Table();
  const table = crc64Table;
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (table.low[index] ?? 0);
    high = (high >>> 8) ^ (table.high[index] ?? 0);
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
}

let bzip2Table: Uint32Array | undefined;

function buildBzip2Table(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit += 1) value = (value << 1) ^ (value & 0x80000000 ? 0x04c11db7 : 0);
    return value;
  });
}

/** CRC-32 of bzip2: most significant bit first. */
export function bzip2Crc(bytes: Uint8Array): number {
  bzip2Table ??= buildBzip2Table();
  const table = bzip2Table;
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (crc << 8) ^ (table[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0);
  }
  return ~crc >>> 0;
}

const [PRIME1, PRIME2, PRIME3, PRIME4, PRIME5] = [2654435761, 2246822519, 3266489917, 668265263, 374761393];

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** XXH32 with seed 0, of LZ4 frames. */
export function xxh32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  let at = 0;
  let hash = PRIME5;
  if (length >= 16) {
    let [a, b, c, d] = [(PRIME1 + PRIME2) | 0, PRIME2, 0, -PRIME1 | 0];
    for (; at + 16 <= length; at += 16) {
      a = xxhRound(a, view.getUint32(at, true));
      b = xxhRound(b, view.getUint32(at + 4, true));
      c = xxhRound(c, view.getUint32(at + 8, true));
      d = xxhRound(d, view.getUint32(at + 12, true));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(view.getUint32(at, true), PRIME3)) | 0, 17), PRIME4);
  }
  for (; at < length; at += 1) {
    hash = Math.imul(rotate((hash + Math.imul(bytes[at] ?? 0, PRIME5)) | 0, 11), PRIME1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function xxhRound(accumulator: number, input: number): number {
  return Math.imul(rotate((accumulator + Math.imul(input, PRIME2)) | 0, 13), PRIME1);
}

/** Adler-32 of zlib (RFC 1950) and lzop. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; ) {
    // The sums of 5552 bytes stay below 2^32.
    const end = Math.min(at + 5552, bytes.length);
    for (; at < end; at += 1) {
      a += bytes[at] ?? 0;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}
