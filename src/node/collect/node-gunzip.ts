import { gunzipSync } from 'node:zlib';
import type { Gunzip } from '../../machine/collect/unpack-collected.js';

/** Decompresses by Node's zlib, which is faster than our own decoder. */
export const nodeGunzip: Gunzip = (bytes, limit) => {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw cause;
  }
};
