import { equalBytes } from '../../base/bytes.js';
import { hasMagic, type MagicName, magicBytes } from '../magics.js';
import { skipFrames } from './skippable-frame.js';

/** The compressions of kernels. `lz4` is either of its formats. */
export const COMPRESSIONS = ['gzip', 'zstd', 'xz', 'lz4', 'lzma', 'bzip2', 'lzo'] as const;

export type Compression = (typeof COMPRESSIONS)[number];

/** The magic numbers of each. LZMA has none: see {@link looksLikeLzma}. */
const BY_MAGIC: readonly (readonly [Compression, MagicName])[] = [
  ['gzip', 'gzip'],
  ['zstd', 'zstd'],
  ['xz', 'xz'],
  ['lz4', 'lz4Frame'],
  ['lz4', 'lz4Legacy'],
  ['bzip2', 'bzip2'],
  ['lzo', 'lzop'],
];

/** Other names: in zboot images of the kernel, and in U-Boot. */
const OTHER_NAMES: Readonly<Record<string, Compression>> = { xzkern: 'xz', zstd22: 'zstd' };

/** Finds a compression by a name. @returns undefined if it is unknown */
export function findCompression(name: string): Compression | undefined {
  return (
    COMPRESSIONS.find((compression) => compression === name) ??
    (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined)
  );
}

/** Detects the compression of a file by its first bytes. @returns undefined if there is none */
export function detectCompression(bytes: Uint8Array): Compression | undefined {
  const start = skipFrames(bytes) ?? bytes;
  const found = BY_MAGIC.find(([, magic]) => hasMagic(start, magic));
  return found?.[0] ?? (looksLikeLzma(bytes) ? 'lzma' : undefined);
}

/**
 * Whether bytes are fewer than the magic of a compression, and begin as that does: a further part that was cut short.
 */
export function isCutMagic(bytes: Uint8Array, compression: Compression): boolean {
  return BY_MAGIC.some(
    ([name, magic]) => name === compression && equalBytes(magicBytes(magic).subarray(0, bytes.length), bytes),
  );
}

/**
 * Whether bytes can be the header of an .lzma file: the usual properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a
 * size that is unknown or below 256 GiB, and data that begins with 0. xz detects them in a similar way.
 */
function looksLikeLzma(bytes: Uint8Array): boolean {
  if (bytes.length < 18 || bytes[0] !== 0x5d || bytes[13] !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  return /^(10*|110*)$/.test(dictionary.toString(2)) && (size === (1n << 64n) - 1n || size < 1n << 38n);
}
