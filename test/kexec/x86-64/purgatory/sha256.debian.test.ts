/** Purgatory's SHA-256, in each of its ways, in a program for Linux. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatenate } from '../../../../src/base/bytes.js';
import { digestRegion } from '../../../../src/kexec/x86-64/purgatory/region-digest.js';
import { nodeHashes } from '../../../../src/node/codecs/node-hashes.js';
import { portableHashes } from '../../../../src/trust/portable-hashes.js';
import { digestByProgram, HASHING_WAYS } from '../../../support/x86-digest-program.js';
import { digestByNode } from '../../../support/x86-purgatory.js';

const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * index * 7 + index) >> 2);

/** Around the ends of blocks, of the second level's message, and of the parts. */
const LENGTHS = [
  ...Array.from({ length: 640 }, (_, length) => length),
  ...[1023, 1024, 1025, 4095, 4096, 4097, 65_535, 65_536, 100_003, 1 << 20],
];

describe.each(HASHING_WAYS.map(({ way }, index) => ({ way, index })))('with $way', ({ index }) => {
  it("equals Node's digests for every length around the ends of blocks", () => {
    const regions = LENGTHS.map(pattern);
    expect(digestByProgram(index, regions)).toEqual(regions.map(digestByNode));
  });

  it("equals Node's digests of random bytes", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' });
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 20, maxLength: 20 }), (regions) => {
        expect(digestByProgram(index, regions)).toEqual(regions.map(digestByNode));
      }),
      { numRuns: 5 },
    );
  });
});

describe('digestRegion', () => {
  it.each([
    ['node', nodeHashes],
    ['portable', portableHashes],
  ])('is the same by %s hashes, with zeros after the bytes', (_, hashes) => {
    for (const length of [0, 1, 511, 512, 4096, 70_000]) {
      const bytes = pattern(length);
      for (const zeros of [0, 1, 512, 200_001]) {
        const expected = digestByNode(concatenate([bytes, new Uint8Array(zeros)]));
        const digest = digestRegion({ bytes, memsz: BigInt(length + zeros) }, hashes);
        expect(new Uint8Array(digest)).toEqual(expected);
      }
    }
  });
});
