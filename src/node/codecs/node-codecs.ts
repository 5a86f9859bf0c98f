import { deflateSync, inflateSync } from 'node:zlib';
import type { Codecs } from '../../formats/kdump/page.js';
import type { Compression } from '../../formats/kdump/write.js';
import { portableCodecs } from '../../vmcore/open/portable-codecs.js';
import type { Pack } from '../../vmcore/save/kdump-pages.js';
import { loadZstd } from './node-zstd.js';

/** Unpacks pages of compressed dumps, with Node's zlib, which is faster than ours. */
export const nodeCodecs: Codecs = {
  ...portableCodecs,
  zlib: (packed, size) => inflateSync(packed, { maxOutputLength: size }),
};

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
  if (compression === 'none') return (page) => page;
  if (compression === 'zlib') {
    // zlib allocates and clears its window and its output for each page, so they are as small as a page allows.
    const windowBits = Math.min(MAX_WINDOW_BITS, Math.log2(pageSize) + 1);
    const chunkSize = pageSize + ZLIB_OVERHEAD;
    const options = { level: FASTEST_LEVEL, windowBits, memLevel: MEMORY_LEVEL, chunkSize };
    return (page) => deflateSync(page, options);
  }
  return loadZstd(FASTEST_LEVEL);
}
