import { inflateSync } from 'node:zlib';
import { decompress } from 'fzstd';
import type { Codecs } from '../formats/kdump/page.js';
import { checkZstdFrame } from '../formats/zstd-frame.js';

/** How Node unpacks the pages of a compressed dump. */
export const nodeCodecs: Codecs = {
  zlib: (packed, size) => inflateSync(packed, { maxOutputLength: size }),
  zstd: (packed, size) => {
    checkZstdFrame(packed, size);
    return decompress(packed, new Uint8Array(size));
  },
};
