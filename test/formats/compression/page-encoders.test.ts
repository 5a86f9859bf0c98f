import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatenate } from '../../../src/base/bytes.js';
import { decompressLzo1x } from '../../../src/formats/compression/lzo.js';
import { createLzo1xEncoder } from '../../../src/formats/compression/lzo-encode.js';
import { decompressSnappy } from '../../../src/formats/compression/snappy.js';
import { createSnappyEncoder } from '../../../src/formats/compression/snappy-encode.js';
import { readReducedVmcore } from '../../support/vmcore.js';

/** Bytes of runs and repetitions, from near and from far, of lengths at which instructions change. */
const repetitive = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 700 }),
      fc.tuple(fc.nat(255), fc.nat(2000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
      fc
        .tuple(fc.uint8Array({ minLength: 4, maxLength: 40 }), fc.nat(60))
        .map(([part, times]) => concatenate(Array.from({ length: times }, () => part))),
    ),
    { maxLength: 12 },
  )
  .map((parts) => concatenate([...parts, ...parts.reverse(), ...parts]).subarray(0, 65536))
  .filter(({ length }) => length >= 4);

describe.each([
  ['LZO1X', createLzo1xEncoder(), decompressLzo1x],
  ['snappy', createSnappyEncoder(), decompressSnappy],
])('%s', (_, encode, decode) => {
  const packed = (bytes: Uint8Array): Uint8Array => {
    const into = new Uint8Array(7 + bytes.length * 2);
    return into.slice(7, 7 + encode(bytes, into, 7));
  };

  it('gives any block back', () => {
    fc.assert(
      fc.property(repetitive, (bytes) => {
        const block = packed(bytes);
        expect(block.length).toBeLessThanOrEqual(bytes.length + bytes.length / 8 + 64);
        expect(Buffer.compare(decode(block, bytes.length), bytes)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each([4096, 16384, 65536])('halves pages of %i bytes of a kernel', (pageSize) => {
    const memory = readReducedVmcore('linux-6.12-48bit');
    let size = 0;
    let total = 0;
    for (let at = 0; at + pageSize <= memory.length; at += pageSize) {
      const page = memory.subarray(at, at + pageSize);
      const block = packed(page);
      expect(Buffer.compare(decode(block, pageSize), page)).toBe(0);
      size += block.length;
      total += pageSize;
    }
    expect(size).toBeLessThan(total / 2);
  });
});
