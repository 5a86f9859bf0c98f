import { constants, gunzipSync } from 'node:zlib';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { OutputBound } from '../../formats/compression/bounded-output.js';
import { type Decompress, portableDecompress } from '../../formats/compression/decompress.js';
import { wrapGzipError } from '../../formats/compression/gzip-stream.js';

/** How much of a file is decompressed for its first bytes: the result has at most 16 MiB. */
const HEAD_BYTES = 1 << 14;

/** Decompressors, with Node's zlib for gzip, which is the fastest. Only zeros may follow a gzip file. */
export const nodeDecompress: Decompress = async (compression) =>
  compression === 'gzip' ? gunzip : portableDecompress(compression);

function gunzip(bytes: Uint8Array, { limit, atLimit }: OutputBound): Uint8Array {
  try {
    if (atLimit === 'stop') {
      // Z_SYNC_FLUSH: the end of the input is no error.
      const start = gunzipSync(bytes.subarray(0, HEAD_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
      return start.subarray(0, limit);
    }
    // One chunk, so that nothing is copied; one byte beyond the limit, so that zlib does not fill a second chunk before
    // the limit is checked. The system provides its memory only as it is written.
    const chunkSize = Math.max(limit + 1, constants.Z_MIN_CHUNK);
    return gunzipSync(bytes, { maxOutputLength: limit, chunkSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw wrapGzipError(error);
    refuse('unwrapped-size', 'EFBIG', `the decompressed data has more than ${hex(limit)} bytes`);
  }
}
