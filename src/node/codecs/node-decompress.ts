import { constants, crc32, createGunzip, inflateRawSync } from 'node:zlib';
import { BoundedBytes, concatenate } from '../../base/bytes.js';
import { KexecError, refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import {
  compressionBlame,
  decodeMembers,
  type OutputBound,
} from '../../formats/compression/bounded-output.js';
import { type Decompress, portableDecompress } from '../../formats/compression/decompress.js';
import {
  checkGzipTrailer,
  decompressGzip,
  isGzipMember,
  readGzipHeader,
} from '../../formats/compression/gzip.js';
import { findZstdStream, startByNode } from './start-by-node.js';

/** The output of members after the first is allocated in pieces of this size. */
const LATER_CHUNK_BYTES = 1 << 16;

/** Decompressors, with Node's zlib for gzip, which is the fastest, and for the start of zstd, if this Node has that. */
export const nodeDecompress: Decompress = async (compression) => {
  if (compression === 'gzip') return startByNode(gunzip, createGunzip);
  const portable = await portableDecompress(compression);
  return compression === 'zstd' && portable !== undefined
    ? startByNode(portable, findZstdStream())
    : portable;
};

function gunzip(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  // Our own stops at the limit; zlib would decompress the rest of its chunk.
  if (bound.atLimit === 'stop') return decompressGzip(bytes, bound);
  const file = new BoundedBytes(bytes, compressionBlame('gzip'));
  const parts: Uint8Array[] = [];
  let { limit } = bound;
  const decode = (at: number): number => {
    const dataStart = readGzipHeader(file, at);
    const { contents, dataSize } = inflate(bytes.subarray(dataStart), limit, parts.length === 0);
    parts.push(contents);
    limit -= contents.length;
    const { length } = contents;
    return checkGzipTrailer(file, dataStart + dataSize, { length, crc: crc32(contents) });
  };
  const end = decodeMembers({ file, isMember: (at) => isGzipMember(bytes, at), decode }, bound);
  bound.onEnd?.(end);
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : concatenate(parts);
}

/** Decompresses DEFLATE data, and finds its end. */
function inflate(
  data: Uint8Array,
  limit: number,
  isFirst: boolean,
): { readonly contents: Uint8Array; readonly dataSize: number } {
  // One chunk for the first member, so that nothing is copied; one byte beyond the limit, so that zlib does not fill a
  // second chunk before the limit is checked. The system provides its memory only as it is written.
  const chunkSize = isFirst ? Math.max(limit + 1, constants.Z_MIN_CHUNK) : LATER_CHUNK_BYTES;
  try {
    // The types of Node do not know what `info` adds to the result. zlib needs a limit of at least 1.
    const { buffer, engine } = inflateRawSync(data, {
      maxOutputLength: Math.max(limit, 1),
      chunkSize,
      info: true,
    }) as unknown as { buffer: Uint8Array; engine: { bytesWritten: number } };
    if (buffer.length > limit) refuseSize(limit);
    return { contents: buffer, dataSize: engine.bytesWritten };
  } catch (cause) {
    if (cause instanceof KexecError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') refuseSize(limit);
    const message = cause instanceof Error ? cause.message : String(cause);
    refuse('compressed-data', 'EBADMSG', `gzip: ${message}`, { cause });
  }
}

function refuseSize(limit: number): never {
  refuse('unwrapped-size', 'EFBIG', `the decompressed data has more than ${formatBytes(limit)}`);
}
