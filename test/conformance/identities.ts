import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { encodeDer, findNode, parseDer } from '../support/der-tree.js';
import { buildEcKey, type Curve, deriveEcKey, deriveRsaKey, type RsaTestKey } from '../support/test-keys.js';
import { caExtensions, type Identity, issue, issueSelfSigned, type TestCertificate } from './certificates.js';

/** The certificate in the oracle's `.builtin_trusted_keys`. */
const CA_FILE = 'test/conformance/oracle-ca.pem';

/** The SHA-256 of this text is the CA's private scalar, which is public. */
const CA_STRING = 'kexec-file oracle CA';

const cache = new Map<string, unknown>();

/**
 * Makes a value at the first call for a key, and returns it at later calls: keys and certificates take long to make.
 */
function once<T>(key: string, make: () => T): T {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key) as T;
}

/** An RSA key. */
export const rsaKey = (owner: string, bits = 2048): RsaTestKey =>
  once(`rsa ${owner} ${bits}`, () => deriveRsaKey(`kexec-file conformance ${owner} ${bits}`, bits));

/** An ECDSA key. */
export const ecKey = (owner: string, curve: Curve) =>
  once(`ec ${owner} ${curve}`, () => deriveEcKey(`kexec-file conformance ${owner}`, curve));

/** The CA that the oracle trusts. */
export const ca = (): Identity =>
  once('ca', () => {
    const scalar = BigInt(`0x${createHash('sha256').update(CA_STRING).digest('hex')}`);
    return { key: buildEcKey('p256', scalar), certificate: readCertificate(readCaCertificate()) };
  });

/** An ordinary signer: RSA 2048, issued by the CA. */
export const signer = (): Identity => once('signer', () => issue('signer', rsaKey('signer'), ca()));

/** Another ordinary signer. */
export const secondSigner = (): Identity =>
  once('second signer', () => issue('second signer', rsaKey('second signer'), ca()));

/** A signer with an ECDSA key, issued by the CA. */
export const ecSigner = (curve: Curve): Identity =>
  once(`signer ${curve}`, () => issue(`signer ${curve}`, ecKey('signer', curve), ca()));

/** A CA with an RSA key, issued by the CA. */
export const intermediate = (): Identity =>
  once('intermediate', () => {
    const key = rsaKey('intermediate');
    return issue('intermediate', key, ca(), {
      fields: { extensions: caExtensions(key, ca().certificate) },
    });
  });

/** A signer issued by the intermediate CA. */
export const leaf = (): Identity => once('leaf', () => issue('leaf', rsaKey('leaf'), intermediate()));

/** A signer whose certificate is in the oracle's `.secondary_trusted_keys`. */
export const trustedSigner = (): Identity =>
  once('trusted signer', () => issue('trusted signer', rsaKey('trusted signer'), ca()));

/** The certificates for `.secondary_trusted_keys`: an intermediate CA and a signer. */
export const secondaryCertificates = (): Uint8Array[] =>
  [intermediate(), trustedSigner()].map(({ certificate }) => certificate.der);

/** A self-signed certificate that is not trusted. */
export const stranger = (): Identity =>
  once('stranger', () => issueSelfSigned('stranger', rsaKey('stranger')));

/** A CA that is not trusted, and a signer that it issued. */
export const strangeCa = (): Identity =>
  once('strange ca', () => {
    const key = rsaKey('strange ca');
    return issueSelfSigned('strange ca', key, { fields: { extensions: caExtensions(key) } });
  });
export const strangeSigner = (): Identity =>
  once('strange signer', () => issue('strange signer', rsaKey('strange signer'), strangeCa()));

/** The CA's certificate in DER. */
export function readCaCertificate(): Uint8Array {
  return Buffer.from(readFileSync(CA_FILE, 'latin1').replace(/-----[^-]*-----|\s/g, ''), 'base64');
}

/** The parts of a certificate that others refer to. */
function readCertificate(der: Uint8Array): TestCertificate {
  const root = parseDer(der);
  const at = (...path: number[]) => encodeDer(findNode(root, path));
  return {
    der,
    serial: at(0, 1),
    issuer: at(0, 3),
    subject: at(0, 5),
    keyId: findNode(root, [0, 7, 0, 0, 1]).bytes.subarray(2),
  };
}
