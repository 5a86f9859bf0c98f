import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { attachSignature } from '../../../src/trust/sign/attach.js';
import { listSignatures } from '../../../src/trust/sign/list.js';
import { prepareSignature } from '../../../src/trust/sign/prepare.js';
import { readRecord } from '../../../src/trust/sign/record-signature.js';
import { extractSignature, removeSignatures } from '../../../src/trust/sign/remove.js';
import { corpus } from '../../support/corpus.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';
import { buildPe } from '../../support/pe.js';
import { anyUnsignedPe, makeSigningKeys, setCheckSum, signFile } from '../../support/signing.js';

const keys = makeSigningKeys();
const PLAIN = setCheckSum(
  buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x200).fill(1) }] }),
  0,
);
const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe('a file that is signed and unsigned again', () => {
  it('is the same bytes, of any length and with any CheckSum, for any order of signing', () => {
    fc.assert(
      fc.property(anyUnsignedPe(), fc.boolean(), (file, append) => {
        const once = signFile(file, keys.rsa);
        const twice = signFile(once, keys.rsa, { append, hash: 'sha384' });
        expect(isSame(removeSignatures(twice, [append ? 1 : 0]), once)).toBe(true);
        expect(isSame(removeSignatures(once, [0]), file)).toBe(true);
        expect(isSame(removeSignatures(twice, 'all'), file)).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('is the same bytes if its CheckSum was wrong while it was signed, or its table not padded', () => {
    const once = signFile(PLAIN, keys.rsa);
    const { certificates, certificateEntryOffset = 0 } = parsePe(once);
    const { range } = certificates[0] ?? { range: { start: 0, end: 0 } };
    // What pesign has written: a table that ends where its last message does.
    const unpadded = new Uint8Array(once.subarray(0, range.end));
    new DataView(unpadded.buffer).setUint32(certificateEntryOffset + 4, range.end - range.start, true);
    expect(unpadded.length % 8).not.toBe(0);
    for (const file of [setCheckSum(once, 0x1234), unpadded, setCheckSum(unpadded, 'computed')]) {
      for (const append of [false, true]) {
        const twice = signFile(file, keys.rsa, { append });
        expect(isSame(removeSignatures(twice, [append ? 1 : 0]), file)).toBe(true);
      }
    }
  });

  it('needs no record for a file with CheckSum 0 and whole sections, such as a kernel', () => {
    const record = (file: Uint8Array) => readRecord(extractSignature(signFile(file, keys.rsa), 0));
    expect(record(PLAIN)).toBeUndefined();
    expect(record(signFile(PLAIN, keys.ec))).toBeUndefined();
    expect(record(setCheckSum(PLAIN, 5))).toEqual({
      length: PLAIN.length,
      checkSum: 5,
      directory: { virtualAddress: 0, size: 0 },
    });
  });

  it('keeps the values of a data directory without a table', () => {
    const { certificateEntryOffset = 0 } = parsePe(PLAIN);
    const file = new Uint8Array(PLAIN);
    new DataView(file.buffer).setUint32(certificateEntryOffset, 0x1234, true);
    expect(isSame(removeSignatures(signFile(file, keys.rsa), [0]), file)).toBe(true);
  });

  it('ignores a record of another file', () => {
    const odd = setCheckSum(Buffer.concat([PLAIN, Uint8Array.of(1, 0, 0)]), 7);
    const first = signFile(signFile(odd, keys.rsa), keys.ec);
    // The record is in what was made first, and is of a file without signatures: another one is left.
    const left = removeSignatures(first, [1]);
    expect(parsePe(left).certificates).toHaveLength(1);
    expect(isSame(left, setCheckSum(left, 'computed'))).toBe(true);
  });
});

describe("Debian's kernels and shim", () => {
  it.each(corpus.kernels())('$name: a removed signature can be attached again, to the byte', ({ path }) => {
    const kernel = readFileSync(path);
    const unsigned = removeSignatures(kernel, [0]);
    const { checkSum, certificateTable, sections } = parsePe(unsigned);
    expect({ checkSum, certificateTable }).toEqual({ checkSum: 0, certificateTable: undefined });
    expect(unsigned.length).toBe(Math.max(...sections.map(({ raw }) => raw.end)));
    const again = attachSignature(unsigned, extractSignature(kernel, 0), { append: false }, nodeHashes);
    expect(isSame(again, kernel)).toBe(true);
  });

  it('shim, by a linker that computes CheckSum, with symbols of any length behind its sections', () => {
    const shim = readFileSync(corpus.shim());
    const signatures = listSignatures(shim, nodeHashes);
    const unsigned = removeSignatures(shim, 'all');
    expect(unsigned.length % 8).not.toBe(0);
    expect(isSame(unsigned, setCheckSum(unsigned, 'computed'))).toBe(true);
    const again = signatures.reduce<Uint8Array>(
      (file, { certificate }) => attachSignature(file, certificate.bytes, { append: true }, nodeHashes),
      unsigned,
    );
    expect(isSame(again, shim)).toBe(true);
  });
});

describe('removing refuses', () => {
  it.each<[string, () => unknown]>([
    ['a file that is not signed', () => removeSignatures(PLAIN, [0])],
    ['all signatures of a file that has none', () => removeSignatures(PLAIN, 'all')],
    ['an index that there is not', () => removeSignatures(signFile(PLAIN, keys.rsa), [1])],
    ['to detach from a file that is not signed', () => extractSignature(PLAIN, 0)],
  ])('%s', (_, work) => {
    expect(catchRefusal(work)).toMatchObject({ errno: 'ENODATA', check: 'signature-index' });
  });
});

describe('a signed file with hostile bytes', { timeout: 60_000 }, () => {
  const FILE = signFile(signFile(setCheckSum(PLAIN, 7), keys.rsa), keys.rsa, { append: true });
  const { start } = parsePe(FILE).certificateTable ?? { start: 0 };
  const options = { certificate: keys.rsa.der, hash: 'sha256', validAt: new Date() } as const;

  /** Everything that is done with files that are signed; what any of it refuses. */
  function refusals(file: Uint8Array): (string | undefined)[] {
    return [
      () => listSignatures(file, nodeHashes),
      () => removeSignatures(file, [0]),
      () => removeSignatures(file, 'all'),
      () => extractSignature(file, 1),
      () => prepareSignature(file, options, nodeHashes),
    ].map((work) => catchRefusal(work)?.errno);
  }

  it('is signed or refused with any bit of its headers flipped', () => {
    const outcomes = new Set<string | undefined>();
    for (const file of flipEachBit(FILE, 0x200)) for (const one of refusals(file)) outcomes.add(one);
    expect(outcomes).toContain(undefined);
    expect(outcomes).toContain('ELIBBAD');
    expect(outcomes).toContain('EINVAL');
  });

  it('is signed or refused with any bytes of its certificate table changed', () => {
    const change = fc.tuple(fc.nat({ max: FILE.length - start - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const file = new Uint8Array(FILE);
        for (const [at, byte] of changes) file[start + at] = byte;
        const allowed = [undefined, 'ELIBBAD', 'ENODATA', 'EINVAL'];
        for (const one of refusals(file)) expect(allowed).toContain(one);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when it is cut short within its headers, sections or certificate table', () => {
    for (let length = 0; length < FILE.length; length += 7) {
      expect(refusals(FILE.subarray(0, length))).not.toContain(undefined);
    }
  });

  it('cannot lose sections by a record', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 2 ** 32 - 1 }), (length, size) => {
        const file = new Uint8Array(signFile(setCheckSum(PLAIN, 0x0102_0304), keys.rsa));
        const view = new DataView(file.buffer);
        const record = Buffer.from(file).indexOf(Buffer.from([2, 4, 1, 2, 3, 4, 2, 1, 0, 2, 1, 0]));
        expect(record).toBeGreaterThan(0);
        view.setUint16(record - 2, length & 0xffff);
        file[record + 11] = size & 0xff;
        const unsigned = removeSignatures(file, [0]);
        expect(parsePe(unsigned).certificates).toHaveLength(0);
        expect(unsigned.length).toBe(PLAIN.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('listSignatures', () => {
  it('lists what signatures say, and which one the kernel verifies', () => {
    const file = signFile(PLAIN, keys.ec, { hash: 'sha512' });
    const twice = signFile(file, keys.rsa, { append: true });
    expect(listSignatures(twice, nodeHashes)).toMatchObject([
      {
        index: 0,
        isFirst: true,
        content: { hash: 'sha512' },
        signers: [{ hash: 'sha512', algorithm: 'ecdsa', certificate: { subject: 'ec', issuer: 'ec' } }],
        problem: undefined,
      },
      { index: 1, isFirst: false, signers: [{ algorithm: 'rsa', certificate: { subject: 'rsa' } }] },
    ]);
  });

  it('lists a malformed signature with the reason', () => {
    const file = buildPe({
      sections: [{ name: '.text', bytes: new Uint8Array(8) }],
      certificates: [{ type: 1, bytes: Uint8Array.of(0x30, 3, 2, 1, 1) }],
    });
    expect(listSignatures(file, nodeHashes)).toMatchObject([
      { index: 0, signers: [], problem: { errno: 'EBADMSG', check: 'ber' } },
    ]);
  });
});
