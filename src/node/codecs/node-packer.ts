import { constants, createDeflate, deflateSync } from 'node:zlib';
import { createLzo1xEncoder } from '../../formats/compression/lzo-encode.js';
import { createSnappyEncoder } from '../../formats/compression/snappy-encode.js';
import type { Compression } from '../../formats/kdump/write.js';
import type { Pack } from '../../vmcore/save/pack-run.js';
import { loadZstdPacker } from './node-zstd.js';
import { packBy, reuseStream } from './reused-stream.js';

/** The level of zlib and zstd: a capture kernel has little time and memory. */
const FASTEST_LEVEL = 1;

/** zlib's window and memory levels: the largest window, and less memory than zlib's default. */
const MAX_WINDOW_BITS = 15;
const MEMORY_LEVEL = 7;
/** More than RFC 1950 and 1951 add to a page that does not get smaller: 6 bytes, and 5 for each block. */
const ZLIB_OVERHEAD = 64;

/**
 * Loads a function that packs pages.
 *
 * @param pageSize - in bytes
 * @throws Error, if the codec of zstd cannot be loaded.
 */
export async function loadNodePacker(compression: Compression, pageSize: number): Promise<Pack> {
  switch (compression) {
    case 'none':
      return (page) => page.length;
    case 'zlib':
      return createZlibPacker(pageSize);
    case 'lzo':
      return createLzo1xEncoder();
    case 'snappy':
      return createSnappyEncoder();
    case 'zstd':
      return loadZstdPacker(FASTEST_LEVEL, pageSize);
  }
}

function createZlibPacker(pageSize: number): Pack {
  const windowBits = Math.min(MAX_WINDOW_BITS, Math.log2(pageSize) + 1);
  const options = { level: FASTEST_LEVEL, windowBits, memLevel: MEMORY_LEVEL };
  const plain = { ...options, chunkSize: pageSize + ZLIB_OVERHEAD };
  return (
    reuseStream(createDeflate(options), { flush: constants.Z_FINISH, resets: true }) ??
    packBy((page) => deflateSync(page, plain))
  );
}
