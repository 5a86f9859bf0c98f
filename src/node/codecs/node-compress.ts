import { gzipSync } from 'node:zlib';
import type { InnerCompression } from '../../kernel-file/sign-inner.js';
import { loadZstd } from './node-zstd.js';

/** The levels that builds of kernels use: `gzip -9`, `zstd -22 --ultra` (scripts/Makefile.lib). */
const GZIP_LEVEL = 9;
const ZSTD_LEVEL = 22;

/**
 * Compresses a file as small as possible. For a kernel, zstd takes half a minute and 800 MB of memory.
 *
 * @throws Error, if the codec of zstd cannot be loaded.
 */
export async function nodeCompress(compression: InnerCompression, bytes: Uint8Array): Promise<Uint8Array> {
  if (compression === 'gzip') return gzipSync(bytes, { level: GZIP_LEVEL });
  const compress = await loadZstd(ZSTD_LEVEL);
  return compress(bytes);
}
