import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeCheckSum } from '../../../src/formats/pe/checksum.js';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST, type TrustStore } from '../../../src/trust/keyrings/keyring.js';
import { parsePkcs7 } from '../../../src/trust/pkcs7/parse-message.js';
import { attachSignature } from '../../../src/trust/sign/attach.js';
import { SIGNING_HASHES } from '../../../src/trust/sign/content.js';
import { listSignatures } from '../../../src/trust/sign/list.js';
import { prepareSignature } from '../../../src/trust/sign/prepare.js';
import { Verifier } from '../../../src/trust/verifier.js';
import { parseCertificate } from '../../../src/trust/x509/certificate.js';
import { catchRefusal } from '../../support/hostile.js';
import { makeSigner, type Signer } from '../../support/openssl.js';
import { buildPe, changeNumber, PE_OFFSETS } from '../../support/pe.js';
import { anyUnsignedPe, makeSigningKeys, signFile, signMessage } from '../../support/signing.js';

const keys = makeSigningKeys();
const FILE = buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x200).fill(1) }] });

function trusting(...signers: readonly Signer[]): TrustStore {
  const certificates = signers.map(({ der }) => parseCertificate(der, nodeHashes));
  return { keyrings: [{ name: 'builtin', certificates }], blacklist: EMPTY_BLACKLIST };
}

function prepare(options: object = {}, file = FILE) {
  return prepareSignature(
    file,
    { certificate: keys.rsa.der, hash: 'sha256', validAt: new Date(), ...options },
    nodeHashes,
  );
}

const rawSignature = (signer: Signer, hash: string, bytes: Uint8Array) =>
  sign(hash, bytes, createPrivateKey(readFileSync(signer.keyPath)));

describe('a signature', () => {
  it.each(SIGNING_HASHES.flatMap((hash) => [[hash, 'rsa'] as const, [hash, 'ec'] as const]))(
    'with %s by %s is one that the kernel takes, of the signer alone',
    (hash, kind) => {
      const file = signFile(FILE, keys[kind], { hash });
      const verified = new Verifier({ store: trusting(keys[kind]), hashes: nodeHashes }).verifyPe(file);
      expect(verified).toMatchObject({ signer: kind, hash });
      const stranger = keys[kind === 'rsa' ? 'ec' : 'rsa'];
      const refusal = catchRefusal(() =>
        new Verifier({ store: trusting(stranger), hashes: nodeHashes }).verifyPe(file),
      );
      expect(refusal?.errno).toBe('ENOKEY');
    },
  );

  it('holds on any PE file, added first or last, and CheckSum is right', () => {
    fc.assert(
      fc.property(anyUnsignedPe(), (file) => {
        const once = signFile(file, keys.rsa);
        const first = signFile(once, keys.ec);
        const last = signFile(once, keys.ec, { append: true });
        for (const [one, signer] of [
          [once, 'rsa'],
          [first, 'ec'],
          [last, 'rsa'],
        ] as const) {
          new Verifier({ store: trusting(keys[signer]), hashes: nodeHashes }).verifyPe(one);
          const { checkSum, checkSumOffset, certificateTable } = parsePe(one);
          expect(checkSum).toBe(computeCheckSum(one, checkSumOffset));
          expect(certificateTable).toMatchObject({ end: one.length });
          expect((certificateTable?.start ?? 1) % 8).toBe(0);
          expect(one.length % 8).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('has a dwLength without padding, revision 2.0 and type 2, as with sbsign', () => {
    const message = signMessage(FILE, keys.rsa);
    const [entry] = parsePe(signFile(FILE, keys.rsa)).certificates;
    expect(entry).toMatchObject({ length: 8 + message.length, revision: 0x0200, type: 2 });
  });

  it('by RSA without a signing time is the same bytes each time', () => {
    expect(signMessage(FILE, keys.rsa)).toEqual(signMessage(FILE, keys.rsa));
    expect(signMessage(FILE, keys.rsa)).not.toEqual(signMessage(FILE, keys.rsa, { hash: 'sha512' }));
  });

  it('has the signing time, if one is given', () => {
    const time = new Date(Math.floor(Date.now() / 1000) * 1000);
    const { signers } = parsePkcs7(signMessage(FILE, keys.ec, { signingTime: time }), nodeHashes);
    expect(signers[0]?.signingTime).toBe(BigInt(time.getTime() / 1000));
    expect(parsePkcs7(signMessage(FILE, keys.ec), nodeHashes).signers[0]?.signingTime).toBeUndefined();
  });

  it('embeds other certificates, and reaches a key that only they lead to', () => {
    const ca = makeSigner(keys.folder, 'ca');
    const leaf = makeSigner(keys.folder, 'leaf', {
      issuer: ca,
      extensions: ['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'],
    });
    const file = signFile(FILE, leaf, { additional: [ca.der] });
    expect(new Verifier({ store: trusting(ca), hashes: nodeHashes }).verifyPe(file)).toMatchObject({
      anchor: 'ca',
    });
    const [signature] = listSignatures(file, nodeHashes);
    expect(signature?.signers[0]?.certificate).toMatchObject({ subject: 'leaf', issuer: 'ca' });
  });

  it('by ECDSA may be given as two numbers side by side', () => {
    for (const hash of SIGNING_HASHES) {
      const prepared = prepare({ certificate: keys.ec.der, hash });
      const key = createPrivateKey(readFileSync(keys.ec.keyPath));
      const pair = sign(hash, prepared.attributes, { key, dsaEncoding: 'ieee-p1363' });
      expect(pair.length).toBe(64);
      const file = attachSignature(FILE, prepared.finish(pair), { append: false }, nodeHashes);
      new Verifier({ store: trusting(keys.ec), hashes: nodeHashes }).verifyPe(file);
    }
  });
});

describe('signing refuses', () => {
  it.each<[string, string, string, () => unknown]>([
    ['a file that is no PE', 'ELIBBAD', 'pe-header', () => prepare({}, new Uint8Array(512))],
    [
      'a file without a directory for certificates',
      'EINVAL',
      'sign-layout',
      () => prepare({}, buildPe({ directories: 4, sections: [{ name: '.text', bytes: FILE }] })),
    ],
    ['a file without sections', 'ELIBBAD', 'pe-contents', () => prepare({}, buildPe({}))],
    [
      'section headers where the kernel does not look',
      'EINVAL',
      'sign-layout',
      () => prepare({}, changeNumber(FILE, PE_OFFSETS.optional + 108, 15)),
    ],
    [
      'bytes behind the certificate table',
      'EINVAL',
      'sign-layout',
      () => prepare({}, Buffer.concat([signFile(FILE, keys.rsa), new Uint8Array(8)])),
    ],
    [
      'a certificate that is none',
      'EBADMSG',
      'ber',
      () => prepare({ certificate: keys.rsa.der.subarray(0, -1) }),
    ],
    [
      'a certificate that has expired',
      'EKEYEXPIRED',
      'sign-certificate',
      () => prepare({ validAt: new Date('2999-01-01') }),
    ],
    [
      'a certificate that is not valid yet',
      'EKEYEXPIRED',
      'sign-certificate',
      () => prepare({ validAt: new Date('1999-01-01') }),
    ],
    [
      'a signing time that the certificate does not reach',
      'EKEYREJECTED',
      'pkcs7-time',
      () => {
        const prepared = prepare({ signingTime: new Date('2999-01-01') });
        prepared.finish(rawSignature(keys.rsa, 'sha256', prepared.attributes));
      },
    ],
    [
      "another key's signature",
      'EKEYREJECTED',
      'public-key',
      () => {
        const prepared = prepare({ certificate: keys.ec.der });
        const stranger = makeSigner(keys.folder, 'stranger');
        prepared.finish(rawSignature(stranger, 'sha256', prepared.attributes));
      },
    ],
    [
      'a signature of something else',
      'EKEYREJECTED',
      'public-key',
      () => prepare().finish(rawSignature(keys.rsa, 'sha256', FILE)),
    ],
    [
      'a signature by another digest',
      'EBADMSG',
      'public-key',
      () => {
        const prepared = prepare();
        prepared.finish(rawSignature(keys.rsa, 'sha512', prepared.attributes));
      },
    ],
    [
      'more certificates than the kernel reads',
      'EMSGSIZE',
      'ber',
      () => signMessage(FILE, keys.rsa, { additional: Array(90).fill(keys.rsa.der) }),
    ],
    [
      'a chain that does not hold',
      'EKEYREJECTED',
      'public-key',
      () => {
        const ca = makeSigner(keys.folder, 'same-name');
        const leaf = makeSigner(keys.folder, 'its-leaf', {
          issuer: ca,
          extensions: ['authorityKeyIdentifier=keyid'],
        });
        const forged = makeSigner(keys.folder, 'forged', {
          extensions: [`subjectKeyIdentifier=${skidOf(ca)}`],
        });
        return signMessage(FILE, leaf, { additional: [forged.der] });
      },
    ],
  ])('%s', (_, errno, check, work) => {
    expect(catchRefusal(work)).toMatchObject({ errno, check });
  });

  it('to attach a signature over another file, or bytes that are no signature', () => {
    const other = buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x200).fill(2) }] });
    const attach = (bytes: Uint8Array) =>
      catchRefusal(() => attachSignature(FILE, bytes, { append: false }, nodeHashes));
    expect(attach(signMessage(other, keys.rsa))).toMatchObject({ errno: 'EKEYREJECTED', check: 'pe-digest' });
    expect(attach(keys.rsa.der)).toMatchObject({ errno: 'EBADMSG', check: 'ber' });
    expect(attach(new Uint8Array(0))).toMatchObject({ errno: 'EBADMSG', check: 'ber' });
  });
});

/** A certificate's subject key identifier as openssl's configuration has it. */
function skidOf({ der }: Signer): string {
  const { skid = new Uint8Array(0) } = parseCertificate(der, nodeHashes);
  return Buffer.from(skid).toString('hex');
}
