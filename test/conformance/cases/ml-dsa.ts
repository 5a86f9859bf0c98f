import { ML_DSA_NAMES, type MlDsaName } from '../../../src/trust/x509/ml-dsa-names.js';
import { element, nullValue, oid, sequence } from '../../support/der.js';
import {
  type Digest,
  deriveMlDsaKey,
  type MlDsaTestKey,
  mlDsaAlgorithm,
  mlDsaPublicKeyInfo,
} from '../../support/test-keys.js';
import { CONTENT_OIDS, signedFile } from '../authenticode.js';
import { type Case, casesOf } from '../case.js';
import { caExtensions, type Identity, issue, issueSelfSigned, reAlgorithm } from '../certificates.js';
import { ca, ecKey, rsaKey } from '../identities.js';
import { changeAt, concat } from '../mutations.js';

/** Where the parts of a signature begin, and the bits of a coefficient of z: FIPS 204, table 1. */
const LAYOUT = {
  mldsa44: { response: 32, bits: 18, hints: 80, polynomials: 4 },
  mldsa65: { response: 48, bits: 20, hints: 55, polynomials: 6 },
  mldsa87: { response: 64, bits: 20, hints: 75, polynomials: 8 },
} as const;

/** Signatures by ML-DSA: messages, chains, keys, and signatures that are malformed in each part. */
export function mlDsaCases(): Case[] {
  return ML_DSA_NAMES.flatMap((name) =>
    casesOf({ ...messages(name), ...chains(name), ...keys(name), ...signatures(name) }).map((one) => ({
      ...one,
      name: `${name}: ${one.name}`,
    })),
  );
}

type Table = Record<string, () => Uint8Array>;

const keyOf = (owner: string, algorithm: MlDsaName): MlDsaTestKey =>
  deriveMlDsaKey(`kexec-file conformance ${owner}`, algorithm);

const signerOf = (algorithm: MlDsaName): Identity =>
  issue(`signer ${algorithm}`, keyOf('signer', algorithm), ca());

/** The next parameter set. */
function another(algorithm: MlDsaName): MlDsaName {
  return algorithm === 'mldsa44' ? 'mldsa65' : 'mldsa44';
}

function messages(algorithm: MlDsaName): Table {
  const signer = signerOf(algorithm);
  const digests: readonly Digest[] = ['sha1', 'sha256', 'sha384', 'sha3-512'];
  return {
    ordinary: () => signedFile({ signer, digest: 'sha512' }),
    'with a file digest by sha512': () => signedFile({ signer, digest: 'sha512', imageDigest: 'sha512' }),
    ...Object.fromEntries(digests.map((digest) => [`with ${digest}`, () => signedFile({ signer, digest })])),
    'without attributes': () => signedFile({ signer, digest: 'sha512', bare: true }),
    'data without attributes': () =>
      signedFile({ signer, digest: 'sha512', bare: true, contentType: CONTENT_OIDS.data }),
    'without certificates': () => signedFile({ signer, digest: 'sha512', certificates: [] }),
    'changed attributes': () =>
      signedFile({
        signer,
        digest: 'sha512',
        sign: (bytes) => signer.key.sign('sha512', concat(bytes, [0])),
      }),
    'the digest of the attributes signed': () =>
      signedFile({
        signer,
        digest: 'sha512',
        sign: (bytes) => signer.key.sign('sha512', bytes.subarray(0, 64)),
      }),
    'algorithm with NULL': () =>
      signedFile({
        signer,
        digest: 'sha512',
        signatureAlgorithm: changeAt(mlDsaAlgorithm(algorithm), [], () =>
          sequence(mlDsaAlgorithm(algorithm).subarray(2), nullValue()),
        ),
      }),
    'named as another set': () =>
      signedFile({ signer, digest: 'sha512', signatureAlgorithm: mlDsaAlgorithm(another(algorithm)) }),
    'named as RSA': () =>
      signedFile({
        signer,
        digest: 'sha512',
        signatureAlgorithm: sequence(oid('1.2.840.113549.1.1.1'), nullValue()),
      }),
    'by an RSA key': () =>
      signedFile({
        signer: issue('rsa', rsaKey('leaf'), ca()),
        digest: 'sha512',
        signatureAlgorithm: mlDsaAlgorithm(algorithm),
      }),
  };
}

function chains(algorithm: MlDsaName): Table {
  const key = keyOf('intermediate', algorithm);
  const issuer = issue(`intermediate ${algorithm}`, key, ca(), {
    fields: { extensions: caExtensions(key, ca().certificate) },
  });
  const leafKey = ecKey('leaf', 'p256');
  const leaf = issue('leaf', leafKey, issuer);
  const chain = (der: Uint8Array) =>
    signedFile({ signer: leaf, certificates: [der, issuer.certificate.der] });
  const own = keyOf('stranger', algorithm);
  const stranger = issueSelfSigned('stranger', own);
  return {
    'an issuer of an ECDSA key': () => chain(leaf.certificate.der),
    'an issuer of the same kind': () => {
      const signer = issue('leaf', keyOf('leaf', algorithm), issuer);
      const certificates = [signer, issuer].map(({ certificate }) => certificate.der);
      return signedFile({ signer, digest: 'sha512', certificates });
    },
    'a certificate that was changed': () =>
      chain(changeAt(leaf.certificate.der, [0, 5], (subject) => flip(subject, subject.length - 1))),
    'a certificate by another set': () =>
      chain(reAlgorithm(leaf.certificate.der, mlDsaAlgorithm(another(algorithm)))),
    'self-signed': () => signedFile({ signer: stranger, digest: 'sha512' }),
    'self-signed, and changed': () =>
      signedFile({
        signer: stranger,
        digest: 'sha512',
        certificates: [changeAt(stranger.certificate.der, [1], () => mlDsaAlgorithm(another(algorithm)))],
      }),
    'self-signed by a damaged signature': () =>
      signedFile({
        signer: stranger,
        digest: 'sha512',
        certificates: [changeAt(stranger.certificate.der, [2], (bits) => flip(bits, 40))],
      }),
  };
}

function keys(algorithm: MlDsaName): Table {
  const key = keyOf('signer', algorithm);
  const file = (publicKeyInfo: Uint8Array) =>
    signedFile({ signer: issue('signer', key, ca(), { fields: { publicKeyInfo } }), digest: 'sha512' });
  const { publicKey } = key;
  return {
    'a key that is too short': () => file(mlDsaPublicKeyInfo(algorithm, publicKey.subarray(1))),
    'a key that is too long': () => file(mlDsaPublicKeyInfo(algorithm, concat(publicKey, [0]))),
    'no key': () => file(mlDsaPublicKeyInfo(algorithm, new Uint8Array())),
    'another key': () => file(mlDsaPublicKeyInfo(algorithm, flip(publicKey, 100))),
    'a key of another set': () => file(mlDsaPublicKeyInfo(another(algorithm), publicKey)),
    'a key with unused bits': () =>
      file(sequence(mlDsaAlgorithm(algorithm), element(3, Uint8Array.of(1), publicKey))),
  };
}

function signatures(algorithm: MlDsaName): Table {
  const signer = signerOf(algorithm);
  const { response, bits, hints, polynomials } = LAYOUT[algorithm];
  const file = (change: (signature: Uint8Array) => Uint8Array) =>
    signedFile({
      signer,
      digest: 'sha512',
      sign: (bytes) => change(new Uint8Array(signer.key.sign('sha512', bytes))),
    });
  const hintStart = (bytes: Uint8Array) => bytes.length - hints - polynomials;
  const withHints = (...octets: readonly (readonly [at: number, value: number])[]) =>
    file((bytes) => {
      for (const [at, value] of octets) bytes[hintStart(bytes) + at] = value;
      return bytes;
    });
  /** Sets the first coefficient of z: what is packed is gamma - z. */
  const withPacked = (packed: number) =>
    file((bytes) => {
      const at = response;
      const rest = (bytes[at + 2] ?? 0) & ~(2 ** (bits - 16) - 1);
      bytes.set([packed & 0xff, (packed >> 8) & 0xff, (packed >> 16) | rest], at);
      return bytes;
    });
  const beta = { mldsa44: 78, mldsa65: 196, mldsa87: 120 }[algorithm];
  return {
    'no signature': () => file(() => new Uint8Array()),
    'a short signature': () => file((bytes) => bytes.subarray(1)),
    'a long signature': () => file((bytes) => concat(bytes, [0])),
    zeros: () => file((bytes) => new Uint8Array(bytes.length)),
    ones: () => file((bytes) => new Uint8Array(bytes.length).fill(0xff)),
    'another commitment': () => file((bytes) => flip(bytes, 0)),
    'another z': () => withPacked(2 ** (bits - 1)),
    'z at its upper bound': () => withPacked(beta + 1),
    'z above': () => withPacked(beta),
    'z at its lower bound': () => withPacked(2 ** bits - beta - 1),
    'z below': () => withPacked(2 ** bits - beta),
    'too many hints': () => withHints([hints + polynomials - 1, hints + 1]),
    'hints that end before they begin': () => withHints([hints, 2], [hints + 1, 1]),
    'hints that are not in order': () => withHints([0, 9], [1, 9], [hints, 2]),
    'one hint too many': () =>
      file((bytes) => {
        const last = hintStart(bytes) + hints - 1;
        bytes[last] = 1;
        return bytes;
      }),
  };
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
