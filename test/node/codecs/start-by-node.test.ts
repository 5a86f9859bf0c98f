import { randomBytes } from 'node:crypto';
import { createGunzip, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { decompressGzip } from '../../../src/formats/compression/gzip.js';
import { findZstdStream, startByNode } from '../../../src/node/codecs/start-by-node.js';

const LIMIT = 1 << 20;
const CONTENTS = randomBytes(3 * LIMIT + 1);
const PACKED = gzipSync(CONTENTS, { level: 1 });

/** A decompressor with a start by Node, and ours behind it, which is observed. */
function withStart() {
  const ours = vi.fn(decompressGzip);
  return { ours, decompress: startByNode(ours, createGunzip) };
}

describe('the start of a compressed file', () => {
  it('is decompressed by Node, also across members', async () => {
    const { ours, decompress } = withStart();
    const file = Buffer.concat([gzipSync(CONTENTS.subarray(0, 1000)), gzipSync(CONTENTS.subarray(1000))]);
    for (const bytes of [PACKED, file]) {
      const start = await decompress(bytes, { limit: LIMIT, atLimit: 'stop' });
      expect(Buffer.compare(start, CONTENTS.subarray(0, LIMIT))).toBe(0);
    }
    expect(ours).not.toHaveBeenCalled();
  });

  it.each([
    ['if it is short', { limit: 4096, atLimit: 'stop' }],
    ['if the file has less', { limit: 4 * LIMIT, atLimit: 'stop' }],
    ['if one member is wanted', { limit: LIMIT, atLimit: 'stop', members: 'first' }],
    ['if the end is wanted', { limit: LIMIT, atLimit: 'stop', onEnd: () => {} }],
    ['if all is wanted', { limit: 4 * LIMIT, atLimit: 'refuse' }],
  ] as const)('is decompressed by ours %s', async (_, bound) => {
    const { ours, decompress } = withStart();
    const start = await decompress(PACKED, bound);
    expect(Buffer.compare(start, CONTENTS.subarray(0, bound.limit))).toBe(0);
    expect(ours).toHaveBeenCalledOnce();
  });

  it('is refused by ours if it is damaged', async () => {
    const { decompress } = withStart();
    for (const damaged of [PACKED.subarray(0, LIMIT / 2), CONTENTS]) {
      await expect(decompress(damaged, { limit: LIMIT, atLimit: 'stop' })).rejects.toMatchObject({
        check: 'compressed-data',
        errno: 'EBADMSG',
      });
    }
  });

  it("is decompressed by ours if Node has no decompressor, as Node 20's has none of zstd", async () => {
    expect(findZstdStream({})).toBeUndefined();
    expect(findZstdStream({ createZstdDecompress: createGunzip })).toBe(createGunzip);
    const ours = vi.fn(decompressGzip);
    await startByNode(ours, undefined)(PACKED, { limit: LIMIT, atLimit: 'stop' });
    expect(ours).toHaveBeenCalledOnce();
  });
});
