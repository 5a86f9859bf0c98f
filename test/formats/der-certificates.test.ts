import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDer, readDerCertificate, splitDerCertificates } from '../../src/formats/der-certificates.js';
import { catchRefusal } from '../support/hostile.js';

describe('splitDerCertificates', () => {
  it('accepts lengths of one octet and of two, up to their maximum', () => {
    const short = new Uint8Array(3 + 0xff);
    short.set([0x30, 0x81, 0xff]);
    const long = new Uint8Array(4 + 0xffff);
    long.set([0x30, 0x82, 0xff, 0xff]);
    expect(splitDerCertificates(new Uint8Array(Buffer.concat([short, long, short])))).toEqual([
      short,
      long,
      short,
    ]);
    expect(splitDerCertificates(new Uint8Array())).toEqual([]);
  });

  it.each([
    ['a length without octets', [0x30, 0x03, 1, 2, 3], 0],
    ['an indefinite length', [0x30, 0x80, 0, 0], 0],
    ['a length in three octets', [0x30, 0x83, 0, 0, 0], 0],
    ['a SET', [0x31, 0x81, 0], 0],
    ['a length cut short', [0x30, 0x82, 0], 3],
    ['a tag alone', [0x30], 0],
    ['contents cut short', [0x30, 0x82, 0, 2, 1], 0],
    ['something behind a certificate', [0x30, 0x81, 1, 7, 0], 4],
  ])('refuses %s', (_, file, offset) => {
    expect(catchRefusal(() => splitDerCertificates(Uint8Array.from(file)))).toMatchObject({
      check: 'der-certificates',
      errno: 'EBADMSG',
      offset: BigInt(offset),
    });
  });

  it('refuses more than 4096', () => {
    const file = (count: number) => new Uint8Array(Buffer.from('308100'.repeat(count), 'hex'));
    expect(splitDerCertificates(file(4096))).toHaveLength(4096);
    expect(catchRefusal(() => splitDerCertificates(file(4097)))?.check).toBe('der-certificates');
  });

  it('returns all of a file, or refuses it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0x30, 0x81, 0x82, 0, 1, 2, 0xff), { maxLength: 12 }), (bytes) => {
        const refusal = catchRefusal(() => {
          expect(Array.from(Buffer.concat(splitDerCertificates(Uint8Array.from(bytes))))).toEqual(bytes);
        });
        expect(refusal?.check ?? 'der-certificates').toBe('der-certificates');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readDerCertificate', () => {
  it('ignores what follows', () => {
    expect(readDerCertificate(Uint8Array.of(9, 0x30, 0x81, 1, 7, 0), 1)).toEqual(
      Uint8Array.of(0x30, 0x81, 1, 7),
    );
  });
});

describe('isDer', () => {
  it.each([
    [[0x30, 0x82], true],
    [[0x30, 0x81], true],
    [[0x30, 0x80], false],
    [[0x30], false],
    [[], false],
  ])('of %j is %s', (bytes, expected) => {
    expect(isDer(Uint8Array.from(bytes))).toBe(expected);
  });
});
