import { readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressZstd } from '../../../src/formats/compression/zstd.js';
import { loadZstd } from '../../../src/node/codecs/node-zstd.js';

/** The level's number in `node:zlib`. */
const LEVEL = 100;
const TEXT = readFileSync('LICENSE');

const unpack = (packed: Uint8Array, limit: number) => decompressZstd(packed, { limit, atLimit: 'refuse' });

describe('zstd', () => {
  it.each([
    ['of this Node, or of the package', zlib],
    ['of the package, if Node has none', {}],
  ])('%s compresses what our decoder reads', async (_, module) => {
    for (const level of [1, 22]) {
      const compress = await loadZstd(level, module);
      for (const bytes of [TEXT, TEXT.subarray(0, 1), new Uint8Array(4096), TEXT.subarray(100, 4196)]) {
        const packed = compress(bytes);
        expect(Buffer.compare(unpack(packed, bytes.length), bytes)).toBe(0);
      }
    }
  });

  it('of the package compresses the same bytes after it was loaded again', async () => {
    const first = await loadZstd(1, {});
    const packed = first(TEXT);
    const second = await loadZstd(1, {});
    expect([first(TEXT), second(TEXT)]).toEqual([packed, packed]);
  });

  it.each([zlib, {}])('compresses better at a higher level (%#)', async (module) => {
    const [fast, small] = await Promise.all([1, 22].map((level) => loadZstd(level, module)));
    expect(small?.(TEXT).length).toBeLessThan(fast?.(TEXT).length ?? 0);
  });

  it('of Node is given the level, the size, and no more room than that needs', async () => {
    const calls: unknown[] = [];
    const zstdCompressSync = (bytes: Uint8Array, options: unknown): Uint8Array => {
      calls.push(options);
      return bytes;
    };
    const module = { zstdCompressSync, constants: { ZSTD_c_compressionLevel: LEVEL } };
    const compress = await loadZstd(22, module);
    compress(new Uint8Array(4096));
    compress(new Uint8Array(1 << 24));
    const params = { [LEVEL]: 22 };
    expect(calls).toEqual([
      { params, pledgedSrcSize: 4096, chunkSize: 4096 + 64 },
      { params, pledgedSrcSize: 1 << 24, chunkSize: 1 << 20 },
    ]);
  });
});
