import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildCpio } from '../../../src/formats/cpio.js';
import { readInitrd } from '../../../src/kernel-file/initrd/read-initrd.js';
import { skimInitrd } from '../../../src/kernel-file/initrd/skim-initrd.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { readAnswers } from '../../conformance/initrd/recorded-initrds.js';
import { buildImage } from '../../support/image.js';

const CPIO = buildCpio([{ name: 'init', type: 'file', bytes: randomBytes(300_000) }]);
const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const skim = (initrd: Uint8Array) => skimInitrd(initrd, nodeDecompress);

/** A zstd frame of blocks that are stored: RFC 8878, section 3.1.1. */
function storeAsZstd(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x70)];
  for (let at = 0; at < bytes.length; at += 65536) {
    const block = bytes.subarray(at, at + 65536);
    const word = (block.length << 3) | (at + 65536 >= bytes.length ? 1 : 0);
    parts.push(Uint8Array.of(word & 0xff, (word >> 8) & 0xff, word >> 16), block);
  }
  return concat(...parts);
}

/** LZ4's legacy format, with literals alone. */
function storeAsLz4(bytes: Uint8Array): Uint8Array {
  const extra = bytes.length - 15;
  const lengths = new Uint8Array(Math.floor(extra / 255) + 1).fill(255);
  lengths[lengths.length - 1] = extra % 255;
  const block = concat(Uint8Array.of(0xf0), lengths, bytes);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  return concat(Uint8Array.of(0x02, 0x21, 0x4c, 0x18), size, block);
}

describe('the structure of an initrd', () => {
  it.each([
    ['plain', CPIO, []],
    ['zstd', storeAsZstd(CPIO), ['zstd']],
    ['lz4', storeAsLz4(CPIO), ['lz4']],
    ['gzip', gzipSync(CPIO), ['gzip']],
    [
      'an early archive, then two frames',
      concat(CPIO, storeAsZstd(CPIO), storeAsZstd(CPIO)),
      ['zstd', 'zstd'],
    ],
    ['zstd, then gzip', concat(storeAsZstd(CPIO), new Uint8Array(3), gzipSync(CPIO)), ['zstd', 'gzip']],
  ] as const)('%s is whole, and has its compressions', async (_, initrd, kinds) => {
    expect(await skim(initrd)).toEqual({ kinds });
    expect((await readInitrd(initrd, nodeDecompress)).problem).toBeUndefined();
  });

  it.each([
    ['plain', CPIO],
    ['zstd', storeAsZstd(CPIO)],
    ['lz4', storeAsLz4(CPIO)],
    ['the second frame', concat(storeAsZstd(CPIO), storeAsZstd(CPIO))],
    ['what follows an early archive', concat(CPIO, storeAsLz4(CPIO))],
  ])('%s shows where it is cut short', async (_, initrd) => {
    for (const missing of [10_000, 200_000]) {
      const { problem } = await skim(initrd.subarray(0, -missing));
      expect(problem).toMatchObject({
        check: 'initrd-whole',
        seen: expect.stringMatching(/cut short|ends within/),
      });
    }
  });

  it('shows that what is compressed is no archive', async () => {
    const { problem } = await skim(gzipSync(buildImage()));
    expect(problem?.seen).toMatch(/compressed with gzip: it is an arm64 Image, and no cpio archive/);
    expect((await skim(concat(CPIO, gzipSync(buildImage())))).problem?.offset).toBe(CPIO.length);
    expect((await skim(buildImage())).problem?.seen).toContain('an arm64 Image');
    expect((await skim(concat(storeAsZstd(CPIO), randomBytes(64).fill(0xff)))).problem?.check).toBe(
      'initrd-members',
    );
  });

  it('finds no problem where unpacking finds none, in what a kernel was asked about', async () => {
    for (const { name, bytes } of readAnswers()) {
      const whole = await readInitrd(bytes, nodeDecompress);
      const { problem } = await skim(bytes);
      if (whole.problem === undefined) expect(problem, name).toBeUndefined();
    }
  });
});
