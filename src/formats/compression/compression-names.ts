/** The compressions that a kernel comes in. `lz4` is either of its formats. */
export const COMPRESSIONS = ['gzip', 'zstd', 'xz', 'lz4', 'lzma', 'bzip2', 'lzo'] as const;

export type Compression = (typeof COMPRESSIONS)[number];

/** What files of each begin with. LZMA has no magic: {@link looksLikeLzma}. */
const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lzo', [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]],
];

/** What builds call them besides: the kernel's of zboot images, and U-Boot's. */
const OTHER_NAMES: Readonly<Record<string, Compression>> = { xzkern: 'xz', zstd22: 'zstd' };

/** The compression that a build names; undefined if it is none that is known. */
export function compressionNamed(name: string): Compression | undefined {
  return (
    COMPRESSIONS.find((one) => one === name) ??
    (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined)
  );
}

/** The compression that a file begins with; undefined if it begins with none. */
export function detectCompression(bytes: Uint8Array): Compression | undefined {
  const found = MAGICS.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte));
  return found?.[0] ?? (looksLikeLzma(bytes) ? 'lzma' : undefined);
}

/**
 * Whether bytes can be the header of an .lzma file: the usual properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a
 * size that is unknown or below 256 GiB, and data that begins with 0. xz tells them much the same way.
 */
function looksLikeLzma(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || bytes[0] !== 0x5d || bytes[13] !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  return /^(10*|110*)$/.test(dictionary.toString(2)) && (size === (1n << 64n) - 1n || size < 1n << 38n);
}
