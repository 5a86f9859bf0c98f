import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressLzo1x } from '../../../src/formats/compression/lzo.js';
import { decompressSnappy } from '../../../src/formats/compression/snappy.js';
import { catchRefusal } from '../../support/hostile.js';

// Tags by google/snappy's format_description.txt.
const ABCD = [0x0c, 0x61, 0x62, 0x63, 0x64];

describe('a block of Snappy', () => {
  it.each<[string, number[], string]>([
    ['nothing', [0], ''],
    ['literals', [4, ...ABCD], 'abcd'],
    ['literals whose length has a byte of its own', [61, 0xf0, 60, ...Array(61).fill(0x78)], 'x'.repeat(61)],
    ['a near copy', [8, ...ABCD, 0x01, 4], 'abcdabcd'],
    ['a copy over itself', [15, ...ABCD, 0x1d, 1], `abcd${'d'.repeat(11)}`],
    ['a copy with 2 bytes of distance', [6, ...ABCD, 0x06, 3, 0], 'abcdbc'],
    ['a copy with 4 bytes of distance', [5, ...ABCD, 0x03, 2, 0, 0, 0], 'abcdc'],
  ])('of %s is decompressed', (_, block, text) => {
    const unpacked = decompressSnappy(new Uint8Array(block), text.length);
    expect(Buffer.from(unpacked).toString()).toBe(text);
  });

  it.each<[string, number[], number]>([
    ['that is empty', [], 0],
    ['of another size', [4, ...ABCD], 5],
    ['that has less than its header says', [5, ...ABCD], 5],
    ['that has more than its header says', [3, ...ABCD], 3],
    ['whose size has more than 32 bits', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 0],
    ['whose literals leave it', [4, ...ABCD.slice(0, -1)], 4],
    ['with a copy from before its start', [8, ...ABCD, 0x01, 5], 8],
    ['with a copy from where it is', [8, ...ABCD, 0x01, 0], 8],
    ['that is cut short within a copy', [8, ...ABCD, 0x03, 4, 0], 8],
  ])('%s is refused', (_, block, size) => {
    const refusal = catchRefusal(() => decompressSnappy(new Uint8Array(block), size));
    expect(['EBADMSG', 'EFBIG']).toContain(refusal?.errno);
  });
});

describe.each([
  ['Snappy', decompressSnappy],
  ['LZO1X', decompressLzo1x],
])('bytes of any kind as %s', (_, decompress) => {
  it('result in a page or a refusal', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((rest) => new Uint8Array([0x80, 0x20, ...rest]));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 200 })), (block) => {
        let unpacked = new Uint8Array(4096);
        const refusal = catchRefusal(() => {
          unpacked = new Uint8Array(decompress(block, 4096));
        });
        expect(refusal !== undefined || unpacked.length === 4096).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
