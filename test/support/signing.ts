import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll } from 'vitest';
import { computeCheckSum } from '../../src/formats/pe/checksum.js';
import { parsePe } from '../../src/formats/pe/parse.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { addSignature } from '../../src/trust/sign/attach.js';
import { prepareSignature, type SigningOptions } from '../../src/trust/sign/prepare.js';
import { makeSigner, type Signer } from './openssl.js';
import { buildPe, changeNumber, type PeParts } from './pe.js';

type PeFormat = 'PE32' | 'PE32+';

/** Keys for a test file, in a folder that is removed after the tests. */
export interface SigningKeys {
  readonly folder: string;
  readonly rsa: Signer;
  readonly ec: Signer;
}

export function makeSigningKeys(): SigningKeys {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-keys-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return { folder, rsa: makeSigner(folder, 'rsa', { key: 'rsa' }), ec: makeSigner(folder, 'ec') };
}

/** A PKCS#7 message over a file. */
export function signMessage(
  file: Uint8Array,
  signer: Signer,
  options: Partial<SigningOptions> = {},
): Uint8Array {
  const prepared = prepareSignature(
    file,
    { certificate: signer.der, hash: 'sha256', validAt: new Date(), ...options },
    nodeHashes,
  );
  const key = createPrivateKey(readFileSync(signer.keyPath));
  return prepared.finish(sign(prepared.hash, prepared.attributes, key));
}

/** A file with one more signature. */
export function signFile(
  file: Uint8Array,
  signer: Signer,
  options: Partial<SigningOptions> & { readonly append?: boolean } = {},
): Uint8Array {
  return addSignature(file, signMessage(file, signer, options), { append: options.append ?? false });
}

/** A copy of the file with its CheckSum set to a number, or to the correct value. */
export function setCheckSum(file: Uint8Array, checkSum: number | 'computed'): Uint8Array {
  const { checkSumOffset } = parsePe(file);
  return changeNumber(
    file,
    checkSumOffset,
    checkSum === 'computed' ? computeCheckSum(file, checkSumOffset) : checkSum,
  );
}

/** Unsigned PE files of many forms: with bytes after the sections, of any length, with any CheckSum. */
export function anyUnsignedPe(formats: readonly PeFormat[] = ['PE32', 'PE32+']): fc.Arbitrary<Uint8Array> {
  const parts: fc.Arbitrary<PeParts> = fc.record({
    format: fc.constantFrom(...formats),
    directories: fc.integer({ min: 5, max: 16 }),
    sections: fc.array(
      fc.record({
        name: fc.constantFrom('.text', '.data', '.linux'),
        bytes: fc.uint8Array({ maxLength: 700 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  });
  const trailing = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constant(new Uint8Array(11)));
  const checkSum = fc.oneof(fc.constantFrom(0, 'computed' as const), fc.nat({ max: 0xffff_ffff }));
  return fc
    .tuple(parts, trailing, checkSum)
    .map(([one, bytes, sum]) => setCheckSum(Buffer.concat([buildPe(one), bytes]), sum))
    .map((file) => new Uint8Array(file));
}
