import { describe, expect, it } from 'vitest';
import { parseWitness, readWitnessImage } from './support/witness.js';

describe('the witness Image', () => {
  const image = readWitnessImage();
  const header = new DataView(image.buffer);

  it('has the header that booting.rst requires', () => {
    expect(header.getUint32(56, true)).toBe(0x644d5241);
    expect(header.getBigUint64(8, true)).toBe(0n);
    expect(header.getBigUint64(16, true)).toBeGreaterThan(BigInt(image.length));
    expect(header.getBigUint64(24, true)).toBe(0b1010n);
    expect(header.getUint32(60, true)).toBe(0);
  });

  it('is small', () => {
    expect(image.length).toBeLessThan(8192);
  });
});
describe('parseWitness', () => {
  it('finds the witness in a longer console', () => {
    const text = 'Bye!\r\nwitness: begin\r\nx0=0x40000000\r\nbootargs=a=b c\r\nwitness: end\r\nreboot\r\n';
    expect([...parseWitness(text)]).toEqual([
      ['x0', '0x40000000'],
      ['bootargs', 'a=b c'],
    ]);
  });

  it.each([
    ['', 'nothing'],
    ['witness: begin\nx0=0x0\n', 'no end'],
    ['witness: begin\nx0=0x0\nwitness: exception\nesr=0x96000010\n', 'an exception'],
    ['witness: begin\nnoise\nwitness: end\n', 'something else'],
  ])('refuses %j: %s', (text) => {
    expect(() => parseWitness(text)).toThrow(/the witness/);
  });
});
