import { decompressZlib } from '../../formats/compression/inflate.js';
import { decompressZstd } from '../../formats/compression/zstd.js';
import type { Codecs } from '../../formats/kdump/page.js';

/** Unpacks pages of compressed dumps anywhere, a browser included. Node's own zlib is faster. */
export const portableCodecs: Codecs = {
  zlib: (packed, size) => decompressZlib(packed, { limit: size, atLimit: 'refuse' }),
  zstd: (packed, size) => decompressZstd(packed, { limit: size, atLimit: 'refuse' }),
};
