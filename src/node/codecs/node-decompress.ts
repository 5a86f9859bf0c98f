import { constants, gunzipSync } from 'node:zlib';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { OutputBound } from '../../formats/compression/bounded-output.js';
import { type Decompress, portableDecompress } from '../../formats/compression/decompress.js';
import { wrapGzipError } from '../../formats/compression/gzip-stream.js';

/** Enough of a file to give its first bytes, which become 16 MiB at most. */
const HEAD = 1 << 14;

/** Decompressors with Node's zlib for gzip, which is the fastest there is. Nothing but zeros may follow a gzip file. */
export const nodeDecompress: Decompress = async (compression) =>
  compression === 'gzip' ? gunzip : portableDecompress(compression);

function gunzip(bytes: Uint8Array, { limit, atLimit }: OutputBound): Uint8Array {
  try {
    if (atLimit === 'stop') {
      // What is cut short gives what there is so far.
      const start = gunzipSync(bytes.subarray(0, HEAD), { finishFlush: constants.Z_SYNC_FLUSH });
      return start.subarray(0, limit);
    }
    // One chunk, so that nothing is copied, with room for the byte that is too many, so that there is no second one to be
    // filled before the bound is looked at. The system gives its memory only as it is written.
    const chunkSize = Math.max(limit + 1, constants.Z_MIN_CHUNK);
    return gunzipSync(bytes, { maxOutputLength: limit, chunkSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw wrapGzipError(error);
    refuse('unwrapped-size', 'EFBIG', `what is compressed has more than ${hex(limit)} bytes`);
  }
}
