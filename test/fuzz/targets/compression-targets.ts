/** Compressed data: each decoder of ours, and beside Node's where Node has the format. */
import { deepStrictEqual } from 'node:assert/strict';
import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { attempt, KexecError } from '../../../src/base/error.js';
import type { OutputBound } from '../../../src/formats/compression/bounded-output.js';
import { decompressBzip2 } from '../../../src/formats/compression/bzip2.js';
import { decompressGzip } from '../../../src/formats/compression/gzip.js';
import { decompressZlib } from '../../../src/formats/compression/inflate.js';
import type { EncodeBlock } from '../../../src/formats/compression/lz-matches.js';
import { decompressLz4 } from '../../../src/formats/compression/lz4.js';
import { decompressLzma } from '../../../src/formats/compression/lzma.js';
import { decompressLzo, decompressLzo1x } from '../../../src/formats/compression/lzo.js';
import { createLzo1xEncoder } from '../../../src/formats/compression/lzo-encode.js';
import { decompressSnappy } from '../../../src/formats/compression/snappy.js';
import { createSnappyEncoder } from '../../../src/formats/compression/snappy-encode.js';
import { decompressXz } from '../../../src/formats/compression/xz.js';
import { decompressZstd } from '../../../src/formats/compression/zstd.js';
import { type FuzzTarget, type FuzzTargets, readersTarget } from '../fuzz-target.js';

/** Enough for every path of a decoder; a bomb meets it at once. */
const LIMIT = 1 << 16;

const REFUSE: OutputBound = { limit: LIMIT, atLimit: 'refuse' };
const STOP: OutputBound = { limit: LIMIT, atLimit: 'stop', members: 'first' };

/** The corpus has files of the tools, where no seed is given. */
function decoderTarget(
  decompress: (bytes: Uint8Array, bound: OutputBound) => Uint8Array,
  ...seeds: readonly Uint8Array[]
): FuzzTarget {
  return readersTarget(
    () => seeds,
    (bytes) => decompress(bytes, REFUSE),
    (bytes) => decompress(bytes, STOP),
  );
}

const TEXT = new TextEncoder().encode('a text, a text, and another text, and the rest. '.repeat(8));

const encodeLzo1x = createLzo1xEncoder();
const encodeSnappy = createSnappyEncoder();

function encode(encoder: EncodeBlock, bytes: Uint8Array): Uint8Array {
  const into = new Uint8Array(2 * bytes.length + 64);
  return into.subarray(0, encoder(bytes, into, 0));
}

/** Packs what the fuzzer makes, and unpacks it again. The encoders are for pages: of 64 KiB at most. */
function roundTripTarget(
  encoder: EncodeBlock,
  decompress: (packed: Uint8Array, size: number) => Uint8Array,
): FuzzTarget {
  return {
    seeds: () => [TEXT],
    run(input) {
      const page = new Uint8Array(input.subarray(0, LIMIT));
      deepStrictEqual(new Uint8Array(decompress(encode(encoder, page), page.length)), page);
    },
  };
}

/** What Node unpacks, within the same limit; undefined if it refuses. */
function unpackByNode(packed: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(packed, { maxOutputLength: LIMIT }));
  } catch {
    return undefined;
  }
}

/** By name. */
export const COMPRESSION_TARGETS: FuzzTargets = {
  gzip: decoderTarget(decompressGzip, gzipSync(TEXT)),
  zstd: decoderTarget(decompressZstd),
  xz: decoderTarget(decompressXz),
  lzma: decoderTarget(decompressLzma),
  lz4: decoderTarget(decompressLz4),
  lzo: decoderTarget(decompressLzo),
  bzip2: decoderTarget(decompressBzip2),
  'lzo-page': readersTarget(
    () => [encode(encodeLzo1x, TEXT)],
    (bytes) => decompressLzo1x(bytes, TEXT.length),
  ),
  'snappy-page': readersTarget(
    () => [encode(encodeSnappy, TEXT)],
    (bytes) => decompressSnappy(bytes, TEXT.length),
  ),
  'lzo-rewritten': roundTripTarget(encodeLzo1x, decompressLzo1x),
  'snappy-rewritten': roundTripTarget(encodeSnappy, decompressSnappy),
  /** Ours and Node's: the same bytes, or both refuse. */
  'zlib-and-node': {
    seeds: () => [deflateSync(TEXT), deflateSync(TEXT, { level: 1 }), deflateSync(TEXT, { strategy: 4 })],
    run(packed) {
      const ours = attempt(() => decompressZlib(packed, REFUSE));
      const theirs = unpackByNode(packed);
      if (ours instanceof KexecError) {
        if (theirs !== undefined) throw new Error(`Node unpacks what is refused here: ${ours.message}`);
      } else {
        deepStrictEqual(theirs, new Uint8Array(ours));
      }
    },
  },
  /** What Node packs, at any level, is unpacked. The first byte chooses the level. */
  'zlib-of-node': {
    seeds: () => [TEXT],
    run(input) {
      const file = new Uint8Array(input.subarray(1));
      const packed = deflateSync(file, { level: (input[0] ?? 0) % 10 });
      deepStrictEqual(new Uint8Array(decompressZlib(packed, REFUSE)), file);
    },
  },
};
