import type { OutputBound } from './bounded-output.js';
import type { Compression } from './compression-names.js';

/**
 * Decompresses bytes, within a bound: all members, streams and frames of the format, as its own tool does. Bytes after
 * them are ignored; `bound.onEnd` reports where they begin.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export type Decompressor = (bytes: Uint8Array, bound: OutputBound) => Uint8Array | Promise<Uint8Array>;

/**
 * Loads the decompressor of a compression: `portableDecompress`, or that of a host. Returns undefined if it has none.
 */
export type Decompress = (compression: Compression) => Promise<Decompressor | undefined>;

/** Loads decompressors that run in browsers and in Node: our own. */
export const portableDecompress: Decompress = async (compression) => {
  switch (compression) {
    case 'gzip':
      return (await import('./gzip.js')).decompressGzip;
    case 'zstd':
      return (await import('./zstd.js')).decompressZstd;
    case 'xz':
      return (await import('./xz.js')).decompressXz;
    case 'lz4':
      return (await import('./lz4.js')).decompressLz4;
    case 'lzma':
      return (await import('./lzma.js')).decompressLzma;
    case 'bzip2':
      return (await import('./bzip2.js')).decompressBzip2;
    case 'lzo':
      return (await import('./lzo.js')).decompressLzo;
  }
};
