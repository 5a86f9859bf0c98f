import { describe, expect, it } from 'vitest';
import { decodeTime } from '../../../src/trust/x509/der-time.js';

const UTC = 0x17;
const GENERALIZED = 0x18;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('decodeTime', () => {
  it.each([
    [UTC, '700101000000Z', 0n],
    [UTC, '491231235959Z', 2524607999n],
    [UTC, '000229120000Z', 951825600n],
    [UTC, '161231235960Z', 1483228800n],
    [UTC, '161231240000Z', 1483228800n],
    [GENERALIZED, '20500101000000Z', 2524608000n],
    [GENERALIZED, '99991231235959Z', 253402300799n],
  ])('reads %i %s', (tag, text, seconds) => {
    expect(decodeTime(tag, bytes(text))).toBe(seconds);
  });

  it.each([
    [UTC, '691231235959Z'],
    [UTC, '010229000000Z'],
    [UTC, '011301000000Z'],
    [UTC, '010001000000Z'],
    [UTC, '010100000000Z'],
    [UTC, '010101250000Z'],
    [UTC, '010101006000Z'],
    [UTC, '010101000061Z'],
    [UTC, '0101010000Z'],
    [UTC, '010101000000+'],
    [GENERALIZED, '20490101000000Z'],
    [GENERALIZED, '19490101000000Z'],
    [GENERALIZED, '20500101000000.0Z'],
    [0x0c, '010101000000Z'],
  ])('refuses %i %s', (tag, text) => {
    expect(() => decodeTime(tag, bytes(text))).toThrow(
      expect.objectContaining({ check: 'certificate-time', errno: 'EBADMSG' }),
    );
  });
});
