import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findPayload } from '../../../src/formats/bzimage/payload.js';
import { buildBzimage } from '../../support/bzimage.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';

const ELF = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
const ZSTD = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3, 4, 9, 0, 0, 0]);

describe('findPayload', () => {
  it('finds one that is not compressed', () => {
    const { compression, bytes, offset } = findPayload(buildBzimage({ payload: ELF }));
    expect([compression, offset, bytes]).toEqual([undefined, 0x5000 + 0x2cc, ELF]);
  });

  it('leaves the size behind a compressed one out', () => {
    const { compression, bytes } = findPayload(buildBzimage({ payload: ZSTD }));
    expect([compression, bytes]).toEqual(['zstd', ZSTD.subarray(0, 8)]);
  });

  it('takes gzip whole, whose last word is the size', () => {
    const payload = new Uint8Array(gzipSync(ELF));
    expect(findPayload(buildBzimage({ payload }))).toMatchObject({ compression: 'gzip', bytes: payload });
  });

  it.each([
    ['no payload', {}],
    ['a protocol without one', { version: 0x0207, payload: ELF }],
    ['an unknown compression', { payload: new Uint8Array(64) }],
  ])('refuses %s', (_, fields) => {
    const refusal = catchRefusal(() => findPayload(buildBzimage(fields)));
    expect(refusal).toMatchObject({ check: 'bzimage-payload', errno: 'ENOEXEC' });
  });

  it('refuses a payload that leaves the file', () => {
    const file = buildBzimage({ payload: ELF });
    const refusal = catchRefusal(() => findPayload(file.subarray(0, 0x5000 + 0x2d0)));
    expect(refusal).toMatchObject({ check: 'bzimage-payload', errno: 'ENOEXEC' });
  });

  it('ends in a value or a refusal, whatever bit is flipped', () => {
    for (const bytes of flipEachBit(buildBzimage({ payload: ZSTD }), 0x270)) {
      catchRefusal(() => findPayload(bytes));
    }
  });
});
