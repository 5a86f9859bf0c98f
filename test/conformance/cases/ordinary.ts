import { DIGESTS, type Digest, digestAlgorithm, type TestKey } from '../../support/test-keys.js';
import { attachMessage, signedFile, signedMessage } from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import { type Identity, issue } from '../certificates.js';
import {
  ca,
  ecKey,
  ecSigner,
  intermediate,
  leaf,
  rsaKey,
  secondSigner,
  signer,
  strangeCa,
  stranger,
  strangeSigner,
} from '../identities.js';
import { buildImage } from '../image.js';
import { flipped } from '../mutations.js';

const ALL_DIGESTS = Object.keys(DIGESTS) as Digest[];

/** The simplest cases. */
export function ordinaryCases(): Case[] {
  const chain = [leaf().certificate.der, intermediate().certificate.der];
  const caDer = ca().certificate.der;
  return casesOf({
    unsigned: () => buildImage(),
    good: () => signedFile(),
    'good, the CA embedded': () => signedFile({ certificates: [signer().certificate.der, caDer] }),
    'good, the CA embedded first': () => signedFile({ certificates: [caDer, signer().certificate.der] }),
    'good, a stranger embedded': () =>
      signedFile({ certificates: [signer().certificate.der, stranger().certificate.der] }),
    'by the CA': () => signedFile({ signer: ca() }),
    'by the CA, not embedded': () => signedFile({ signer: ca(), certificates: [] }),
    'signer not embedded': () => signedFile({ certificates: [] }),
    'signer not embedded, the CA is': () => signedFile({ certificates: [caDer] }),
    'chain of two': () => signedFile({ signer: leaf(), certificates: chain }),
    'chain of two, the CA embedded': () => signedFile({ signer: leaf(), certificates: [...chain, caDer] }),
    'chain of two, in reverse': () =>
      signedFile({ signer: leaf(), certificates: [caDer, ...chain].reverse() }),
    'chain of two, without its middle': () => signedFile({ signer: leaf() }),
    'chain of two, without its middle, the CA embedded': () =>
      signedFile({ signer: leaf(), certificates: [leaf().certificate.der, caDer] }),
    'chain of two, without its end': () =>
      signedFile({ signer: leaf(), certificates: [intermediate().certificate.der] }),
    stranger: () => signedFile({ signer: stranger() }),
    'stranger, not embedded': () => signedFile({ signer: stranger(), certificates: [] }),
    "by a stranger's signer": () => signedFile({ signer: strangeSigner() }),
    "by a stranger's signer, the stranger embedded": () =>
      signedFile({
        signer: strangeSigner(),
        certificates: [strangeSigner().certificate.der, strangeCa().certificate.der],
      }),
    "by a stranger's signer, the CA embedded": () =>
      signedFile({ signer: strangeSigner(), certificates: [strangeSigner().certificate.der, caDer] }),
    'certificates twice': () =>
      signedFile({ certificates: [signer().certificate.der, signer().certificate.der] }),
    'only the certificate of somebody else': () =>
      signedFile({ certificates: [secondSigner().certificate.der] }),
    'a signature of another image': () =>
      attachMessage(buildImage({ trailing: Uint8Array.of(1) }), signedMessage()),
    'a signature of another image by a stranger': () =>
      attachMessage(buildImage({ trailing: Uint8Array.of(1) }), signedMessage({ signer: stranger() })),
  });
}

/** Digests of the image and of the attributes, in all combinations. */
export function digestCases(): Case[] {
  const pairs = ALL_DIGESTS.flatMap((imageDigest) => ALL_DIGESTS.map((digest) => ({ imageDigest, digest })));
  return [
    ...casesFor(
      pairs,
      ({ imageDigest, digest }) => `${imageDigest} of the image, ${digest} of the attributes`,
      (recipe) => signedFile(recipe),
    ),
    ...casesFor(
      ALL_DIGESTS,
      (digest) => `signed as sha256, said to be ${digest}`,
      (digest) => signedFile({ digestAlgorithm: digestAlgorithm(digest) }),
    ),
  ];
}

/** Kinds and sizes of keys, each with every digest, for a signer and for an issuer. */
export function keyCases(): Case[] {
  const signers: Record<string, Identity> = {
    ...Object.fromEntries(
      [1024, 1536, 2040, 2056, 3072, 4096].map((bits) => [
        `RSA ${bits}`,
        issue(`rsa ${bits}`, rsaKey('signer', bits), ca()),
      ]),
    ),
    ...Object.fromEntries(
      (['p192', 'p256', 'p384', 'p521'] as const).map((curve) => [curve, ecSigner(curve)]),
    ),
  };
  const asSigner = Object.entries(signers).flatMap(([key, signer]) =>
    casesFor(
      ALL_DIGESTS,
      (digest) => `${key} with ${digest}`,
      (digest) => signedFile({ signer, digest }),
    ),
  );
  const issuers: Record<string, Identity> = { 'the CA': ca(), 'RSA 2048': intermediate() };
  for (const curve of ['p192', 'p384', 'p521'] as const) {
    issuers[curve] = issue(`issuer ${curve}`, ecKey('issuer', curve), ca());
  }
  const asIssuer = Object.entries(issuers).flatMap(([name, issuer]) =>
    casesFor(
      ALL_DIGESTS,
      (digest) => `a certificate signed by ${name} with ${digest}`,
      (digest) => byIssuer(issuer, rsaKey('signer'), digest),
    ),
  );
  // The smallest key has no room for a longer digest.
  const smallest = issue('rsa 512', rsaKey('signer', 512), ca());
  const bySmallest = casesFor(
    ['sha1', 'sha224', 'sha256'] as const,
    (digest) => `RSA 512 with ${digest}`,
    (digest) => signedFile({ signer: smallest, digest }),
  );
  return [...asSigner, ...bySmallest, ...asIssuer];
}

function byIssuer(issuer: Identity, key: TestKey, digest: Digest): Uint8Array {
  const signer = issue('issued', key, issuer, { digest });
  return signedFile({ signer, certificates: [signer.certificate.der, issuer.certificate.der] });
}

const TAMPERED_STEP = 5;

/** Files with one changed bit, at every few bytes. */
export function tamperedCases(): Case[] {
  const good = signedFile();
  const offsets = Array.from(
    { length: Math.ceil(good.length / TAMPERED_STEP) },
    (_, at) => at * TAMPERED_STEP,
  );
  return casesFor(
    offsets,
    (offset) => `a bit at ${offset}`,
    (offset) => flipped(good, offset, 1 << (offset % 8)) ?? good,
  );
}
