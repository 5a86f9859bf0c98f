import { randomBytes } from 'node:crypto';
import { constants, createDeflate, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressZstd } from '../../../src/formats/compression/zstd.js';
import { loadNodePacker } from '../../../src/node/codecs/node-packer.js';
import { loadZstdPacker } from '../../../src/node/codecs/node-zstd.js';
import { reuseStream } from '../../../src/node/codecs/reused-stream.js';

const PAGE = 4096;
const text = new Uint8Array(PAGE).fill(0x61);
const noise = new Uint8Array(randomBytes(PAGE));
/** A page that does not get smaller comes between two that do. */
const pages = [text, noise, text, new Uint8Array(PAGE), noise, text];

describe('reuseStream', () => {
  it('of zlib packs each page by itself', () => {
    const pack = reuseStream(createDeflate({ level: 1 }), { flush: constants.Z_FINISH, resets: true });
    for (const page of pages) {
      const into = new Uint8Array(2 * PAGE + 5);
      const size = pack?.(page, into, 5) ?? 0;
      if (page === noise) expect(size).toBeGreaterThanOrEqual(PAGE);
      else expect(Buffer.compare(inflateSync(into.subarray(5, 5 + size)), page)).toBe(0);
    }
  });

  it('without resets, gives a page the room to be completed', () => {
    const calls: unknown[] = [];
    const _writeState = new Uint32Array(2);
    const _handle = {
      reset: () => calls.push('reset'),
      writeSync: (...call: readonly unknown[]) => {
        calls.push(call.filter((value) => typeof value === 'number'));
        _writeState[0] = 2 * PAGE - 100;
      },
    };
    const pack = reuseStream({ _handle, _writeState }, { flush: 2, resets: false });
    expect(pack?.(text, new Uint8Array(3 * PAGE), 7)).toBe(100);
    expect(calls).toEqual([[2, 0, PAGE, 7, 2 * PAGE]]);
  });

  it('knows other streams', () => {
    expect(reuseStream({}, { flush: 0, resets: false })).toBeUndefined();
  });
});

describe('loadZstdPacker', () => {
  it('packs each page as a frame of its own', async () => {
    const pack = await loadNodePacker('zstd', PAGE);
    for (const page of pages) {
      const into = new Uint8Array(3 * PAGE);
      const size = pack(page, into, 5);
      if (page === noise) expect(size).toBeGreaterThanOrEqual(PAGE);
      else {
        const unpacked = decompressZstd(into.subarray(5, 5 + size), { limit: PAGE, atLimit: 'refuse' });
        expect(Buffer.compare(unpacked, page)).toBe(0);
      }
    }
  });

  it('of a Node with zstd never resets its stream, which forgets the level', async () => {
    let parameters: unknown;
    const _writeState = new Uint32Array(2);
    const _handle = {
      reset: () => {
        throw new Error('was reset');
      },
      writeSync: () => {},
    };
    const module = {
      constants: {
        ZSTD_c_compressionLevel: 100,
        ZSTD_c_windowLog: 101,
        ZSTD_c_hashLog: 102,
        ZSTD_e_end: 2,
      },
      zstdCompressSync: () => new Uint8Array(0),
      createZstdCompress: (options: unknown) => {
        parameters = options;
        return { _handle, _writeState };
      },
    };
    const pack = await loadZstdPacker(1, PAGE, module);
    pack(text, new Uint8Array(2 * PAGE), 0);
    expect(parameters).toEqual({ params: { 100: 1, 101: 12, 102: 12 }, pledgedSrcSize: PAGE });
  });
});
