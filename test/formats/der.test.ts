import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BerElement, decodeBer } from '../../src/formats/ber.js';
import {
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeImplicitSetOf,
  encodeInteger,
  encodeSequence,
  encodeSetOf,
  encodeTime,
} from '../../src/formats/der.js';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the DER writer', () => {
  it.each([
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [256, '02020100'],
    [0xdead_beefn, '020500deadbeef'],
  ])('writes the integer %s as short as it can be', (value, encoded) => {
    expect(hexOf(encodeInteger(value))).toBe(encoded);
  });

  it.each([
    ['1950-01-01T00:00:00Z', '170d3530303130313030303030305a'],
    ['2049-12-31T23:59:59.999Z', '170d3439313233313233353935395a'],
    ['2050-01-01T00:00:00Z', '180f32303530303130313030303030305a'],
    ['1949-12-31T23:59:59Z', '180f31393439313233313233353935395a'],
  ])('writes the time %s in the form that its year calls for', (time, encoded) => {
    expect(hexOf(encodeTime(new Date(time)))).toBe(encoded);
  });

  it('writes lengths that the reader accepts, in the fewest octets', () => {
    for (const [length, header] of [
      [0, 2],
      [127, 2],
      [128, 3],
      [255, 3],
      [256, 4],
      [65_531, 4],
    ] as const) {
      const encoded = encodeElement(0x04, new Uint8Array(length));
      let element: BerElement | undefined;
      decodeBer(encoded, { match: 0x04, note: (one) => (element = one) }, 'test');
      expect(element).toMatchObject({ headerLength: header });
      expect(element?.value.length).toBe(length);
    }
    expect(hexOf(encodeElement(0x04, new Uint8Array(65_536)).subarray(0, 5))).toBe('0483010000');
  });

  it('sorts sets by their octets', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (values) => {
        const elements = values.map((value) => encodeElement(0x04, value));
        const sorted = [...elements].sort((a, b) => Buffer.compare(a, b));
        expect(hexOf(encodeSetOf(...elements))).toBe(hexOf(encodeElement(0x31, ...sorted)));
        expect(hexOf(encodeImplicitSetOf(1, ...elements))).toBe(hexOf(encodeElement(0xa1, ...sorted)));
      }),
    );
  });

  it('writes context tags around elements and in place of them', () => {
    const inner = encodeInteger(5);
    expect(hexOf(encodeExplicit(0, encodeSequence(inner)))).toBe('a0053003020105');
    expect(hexOf(encodeImplicit(2, Uint8Array.of(1)))).toBe('820101');
  });
});
