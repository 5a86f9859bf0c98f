import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildImaXattr, IMA_HASHES, parseImaXattr } from '../../src/formats/ima-xattr.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';

describe('parseImaXattr', () => {
  it('reads a digest by SHA-1 or MD5, with or without the padding of old kernels', () => {
    const sha1 = new Uint8Array(20).fill(9);
    const md5 = sha1.subarray(0, 16);
    const padded = Uint8Array.of(...md5, 0, 0, 0, 0);
    expect(parseImaXattr(Uint8Array.of(1, ...sha1))).toEqual({ kind: 'digest', hash: 'sha1', digest: sha1 });
    expect(parseImaXattr(Uint8Array.of(1, ...md5))).toEqual({ kind: 'digest', hash: 'md5', digest: md5 });
    expect(parseImaXattr(Uint8Array.of(1, ...padded))).toEqual({ kind: 'digest', hash: 'md5', digest: md5 });
  });

  it('reads a digest by any algorithm', () => {
    expect(parseImaXattr(Uint8Array.of(4, 4, 1, 2))).toEqual({
      kind: 'digest',
      hash: 'sha256',
      digest: Uint8Array.of(1, 2),
    });
    expect(parseImaXattr(Uint8Array.of(4, 22))).toMatchObject({ hash: 'sha3-512' });
  });

  it.each([
    [[2, 1], 'an HMAC of EVM'],
    [[3], 'a signature of version undefined'],
    [[3, 1, 0], 'a signature of version 1'],
    [[3, 3, 4], 'a signature of version 3'],
    [[5, 2], 'a portable signature of EVM'],
    [[6, 3], 'a signature over a digest of fs-verity'],
    [[0], 'of type 0'],
    [[0xff, 0xff], 'of type 255'],
  ])('names %j', (bytes, name) => {
    expect(parseImaXattr(Uint8Array.from(bytes))).toEqual({
      kind: 'other',
      name,
      type: bytes[0],
      version: bytes[1],
    });
  });

  const good = buildImaXattr({ hash: 'sha256', keyId: 0x01020304, signature: Uint8Array.of(9, 8, 7) });
  const changed = (offset: number, value: number) => {
    const copy = new Uint8Array(good);
    copy[offset] = value;
    return copy;
  };

  it.each<[string, string, Uint8Array]>([
    ['nothing', 'ENODATA', new Uint8Array()],
    ['a header cut short', 'EBADMSG', good.subarray(0, 8)],
    ['a header alone', 'EBADMSG', changed(8, 0).subarray(0, 9)],
    ['a signature cut short', 'EBADMSG', good.subarray(0, -1)],
    ['a signature with a byte behind it', 'EBADMSG', Uint8Array.of(...good, 0)],
    ['a size of 64 KiB', 'EBADMSG', changed(7, 0xff)],
    ['the first number that is no digest', 'ENOPKG', changed(2, 23)],
    ['the last number that is no digest', 'ENOPKG', changed(2, 255)],
    ['a size that is off before a number that is no digest', 'EBADMSG', changed(2, 23).subarray(0, -1)],
    ['an old digest of 19 bytes', 'EINVAL', Uint8Array.of(1, ...new Uint8Array(19))],
    ['a digest without an algorithm', 'EINVAL', Uint8Array.of(4)],
    ['a digest by algorithm 23', 'EINVAL', Uint8Array.of(4, 23, 0)],
  ])('refuses %s with %s', (_, errno, xattr) => {
    expect(catchRefusal(() => parseImaXattr(xattr))).toMatchObject({ check: 'ima-xattr', errno });
  });

  it('returns a value or refuses with any bit flipped', () => {
    const outcomes = new Set<string>();
    for (const xattr of flipEachBit(good, good.length)) {
      const refusal = catchRefusal(() => outcomes.add(parseImaXattr(xattr).kind));
      if (refusal !== undefined) outcomes.add(refusal.errno);
    }
    expect([...outcomes].sort()).toEqual(['EBADMSG', 'EINVAL', 'ENOPKG', 'other', 'signature']);
  });
});

describe('buildImaXattr', () => {
  it('builds what parseImaXattr parses', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...IMA_HASHES),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.uint8Array({ minLength: 1, maxLength: 600 }),
        (hash, keyId, signature) => {
          const xattr = buildImaXattr({ hash, keyId, signature });
          expect(parseImaXattr(xattr)).toEqual({ kind: 'signature', hash, keyId, signature });
        },
      ),
    );
  });

  it.each([
    ['a digest that IMA does not have', { hash: 'sha2', keyId: 1, signature: new Uint8Array(1) }],
    ['a key id of 33 bits', { hash: 'sha256', keyId: 2 ** 32, signature: new Uint8Array(1) }],
    ['a key id below 0', { hash: 'sha256', keyId: -1, signature: new Uint8Array(1) }],
    ['a signature of 64 KiB', { hash: 'sha256', keyId: 1, signature: new Uint8Array(65536) }],
  ])('refuses %s', (_, parts) => {
    expect(catchRefusal(() => buildImaXattr(parts))).toMatchObject({ check: 'ima-xattr', errno: 'EINVAL' });
  });
});
