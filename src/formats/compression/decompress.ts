import type { OutputBound } from './bounded-output.js';
import type { Compression } from './compression-names.js';

/**
 * Gives what is in compressed bytes, within the bound; what follows the compressed data is let be.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export type Decompressor = (bytes: Uint8Array, bound: OutputBound) => Uint8Array | Promise<Uint8Array>;

/**
 * Where decompressors come from, each loaded when it is asked for: `portableDecompress`, or a host's own. Nothing for a
 * compression that this source does not have.
 */
export type Decompress = (compression: Compression) => Promise<Decompressor | undefined>;

/** Decompressors that run anywhere: our own, and for gzip the platform's, which browsers and Node have. */
export const portableDecompress: Decompress = async (compression) => {
  switch (compression) {
    case 'gzip':
      return (await import('./gzip-stream.js')).decompressGzip;
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
