import { deflateSync, inflateSync } from 'node:zlib';
import type { Codecs } from '../../formats/kdump/page.js';
import type { Compression } from '../../formats/kdump/write.js';
import { portableCodecs } from '../../vmcore/open/portable-codecs.js';
import type { Pack } from '../../vmcore/save/kdump-pages.js';

/** Unpacks pages of compressed dumps, with Node's zlib, which is faster than ours. */
export const nodeCodecs: Codecs = {
  ...portableCodecs,
  zlib: (packed, size) => inflateSync(packed, { maxOutputLength: size }),
};

/** The level of zlib and zstd: in a capture kernel, time and memory are short. */
const FASTEST = 1;

/**
 * How Node packs pages of a size.
 *
 * @throws Error, if the codec of zstd cannot be loaded.
 */
export async function loadNodePacker(compression: Compression, pageSize: number): Promise<Pack> {
  if (compression === 'none') return (page) => page;
  if (compression === 'zlib') {
    // A window for a page, and no more memory than that needs: it is made and cleared for each.
    const windowBits = Math.min(15, Math.log2(pageSize) + 1);
    // zlib's buffer is as large as what is made at most is: RFC 1950 and 1951 add 5 bytes a block, and 6.
    const options = { level: FASTEST, windowBits, memLevel: 7, chunkSize: pageSize + 64 };
    return (page) => deflateSync(page, options);
  }
  const { init, createCCtx, compressUsingDict } = await import('@bokuweb/zstd-wasm');
  await init();
  // A context for all pages takes less time than one for each; a dictionary of nothing is none.
  const context = createCCtx();
  return (page) => compressUsingDict(context, page, new Uint8Array(0), FASTEST);
}
