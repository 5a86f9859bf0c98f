import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeCheckSum } from '../../../src/formats/pe/checksum.js';

/** Word by word, each carry added at once, CheckSum set to 0: what the PE/COFF specification's reference does. */
function slowCheckSum(file: Uint8Array, offset: number): number {
  const bytes = new Uint8Array(file.length + (file.length % 2));
  bytes.set(file);
  bytes.fill(0, offset, offset + 4);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum + file.length;
}

describe('computeCheckSum()', () => {
  it('is the sum of words with carries, for any length and any place of CheckSum', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 70 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 3 }),
        (bytes, offset, skew) => {
          const file = new Uint8Array([...Array(skew).fill(0), 0x4d, 0x5a, ...bytes]).subarray(skew);
          const at = 2 + Math.min(offset, bytes.length - 4);
          expect(computeCheckSum(file, at)).toBe(slowCheckSum(file, at));
        },
      ),
    );
  });

  it('adds up sums that exceed 32 bits', () => {
    const file = new Uint8Array(9_000_001).fill(0xff);
    expect(computeCheckSum(file, 100)).toBe(slowCheckSum(file, 100));
  });
});
