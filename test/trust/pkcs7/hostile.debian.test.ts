import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../../src/node/keys/keyrings.js';
import { parsePefile } from '../../../src/trust/pe/pefile.js';
import { parsePkcs7 } from '../../../src/trust/pkcs7/parse-message.js';
import { Verifier } from '../../../src/trust/verifier.js';
import { parseCertificate } from '../../../src/trust/x509/certificate.js';
import { corpus } from '../../support/corpus.js';
import { catchRefusal } from '../../support/hostile.js';

const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
const store = loadTrustStore({ keyrings: [corpus.shim()] }, nodeHashes);
const { signature } = parsePefile(kernel);
const [certificate] = parsePkcs7(signature, nodeHashes).certificates;

/** Where the signature, and the header in front of it, lie in the file. */
const wrapperOffset = signature.byteOffset - kernel.byteOffset - 8;

describe('a signed file with hostile bytes', () => {
  it('ends in a verdict for any change of the certificate table', () => {
    const change = fc.record({
      at: fc.nat({ max: signature.length + 7 }).map((offset) => wrapperOffset + offset),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const before = changes.map(({ at }) => [at, kernel[at] as number] as const);
        for (const { at, byte } of changes) kernel[at] = byte;
        try {
          new Verifier({ store, hashes: nodeHashes }).verifyPe(kernel);
        } catch (error) {
          expect(error).toBeInstanceOf(KexecError);
          refused += 1;
        } finally {
          for (const [at, byte] of before.reverse()) kernel[at] = byte;
        }
      }),
      { numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it('ends in a verdict for any change of its headers', () => {
    const { headerSize } = parsePefile(kernel);
    const headers = kernel.subarray(0, Math.min(headerSize, 1024));
    for (let at = 0; at < headers.length; at += 1) {
      const before = headers[at] as number;
      for (const byte of [0, 0xff, before ^ 1]) {
        headers[at] = byte;
        catchRefusal(() => parsePefile(kernel));
      }
      headers[at] = before;
    }
    expect(parsePefile(kernel).signature).toEqual(signature);
  });
});

describe('a certificate', () => {
  const der = certificate?.der ?? new Uint8Array(0);

  it('is read or refused with any byte changed, at any length', () => {
    fc.assert(
      fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = der.slice();
        changed[at] = byte;
        catchRefusal(() => parseCertificate(changed, nodeHashes));
      }),
      { numRuns: 1000 },
    );
    for (let length = 0; length < der.length; length += 1) {
      expect(catchRefusal(() => parseCertificate(der.subarray(0, length), nodeHashes))).toBeInstanceOf(
        KexecError,
      );
    }
  });
});

describe('DER that nests without end', () => {
  it.each([
    ['sequences in sequences', 0x30],
    ['sets in sets', 0x31],
  ])('is refused, of %s', (_, tag) => {
    const depth = 10_000;
    const bytes = new Uint8Array(2 * depth + 2);
    for (let level = 0; level < depth; level += 1) bytes.set([tag, 0x80], 2 * level);
    expect(catchRefusal(() => parsePkcs7(bytes, nodeHashes))).toMatchObject({ errno: 'EBADMSG' });
    expect(catchRefusal(() => parseCertificate(bytes, nodeHashes))).toMatchObject({ errno: 'EBADMSG' });
  });
});
