import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Decompressor } from '../../formats/compression/decompress.js';

/** Of less, our own decoders are as fast. */
const LEAST_BYTES = 1 << 20;

/** Node's output comes in pieces of this size. */
const CHUNK_BYTES = 1 << 20;

/** What is used here of Node's zstd, which the types of Node 20 do not know: Node has it since 22.15 and 23.8. */
interface NodeZstdDecompression {
  readonly createZstdDecompress: (options: { readonly chunkSize: number }) => Transform;
}

/**
 * A decompressor for which Node's own library decompresses a long start, which takes a fraction of the time.
 *
 * @param decompress - ours, which decides about everything else: all of a file, a file that is shorter than the start, and
 *   damage
 * @param create - makes Node's stream; undefined if this Node has none
 */
export function startByNode(
  decompress: Decompressor,
  create: ((options: { readonly chunkSize: number }) => Transform) | undefined,
): Decompressor {
  return async (bytes, bound) => {
    const { limit, atLimit, members, onEnd } = bound;
    // Node's streams do not say where a member ends.
    const isStart = atLimit === 'stop' && limit >= LEAST_BYTES && members !== 'first' && onEnd === undefined;
    const start = isStart && create ? await readStart(bytes, limit, create) : undefined;
    return start ?? decompress(bytes, bound);
  };
}

/** Node's decompressor of zstd; undefined if this Node has none. @param module - `node:zlib`, of this Node or of another */
export function findZstdStream(
  module: object = zlib,
): NodeZstdDecompression['createZstdDecompress'] | undefined {
  return hasZstd(module) ? module.createZstdDecompress : undefined;
}

function hasZstd(module: object): module is NodeZstdDecompression {
  return 'createZstdDecompress' in module;
}

/** @returns undefined if there is less, or it is damaged */
async function readStart(
  bytes: Uint8Array,
  limit: number,
  create: (options: { readonly chunkSize: number }) => Transform,
): Promise<Uint8Array | undefined> {
  const start = new Uint8Array(limit);
  let length = 0;
  const stream = create({ chunkSize: CHUNK_BYTES });
  stream.end(bytes);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const part = chunk.subarray(0, limit - length);
      start.set(part, length);
      length += part.length;
      if (length === limit) return start;
    }
  } catch {
    // Ours says what is wrong.
  }
  return undefined;
}
