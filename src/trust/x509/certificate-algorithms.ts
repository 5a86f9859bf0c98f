import { refuse } from '../../base/error.js';
import { OBJECT_IDENTIFIER } from '../../formats/asn1-tags.js';
import type { HashName } from '../hashes.js';
import { describeUnknown, findMlDsa } from './ml-dsa-names.js';
import { findOid, type Oid } from './oids.js';
import type { KeyAlgorithm, RawSignature } from './public-key.js';

/** How a certificate can be signed: kernel function `x509_note_sig_algo()`. */
const SIGNATURE_ALGORITHMS: Partial<Record<Oid, readonly [RawSignature['algorithm'], HashName]>> = {
  sha1WithRsa: ['rsa', 'sha1'],
  sha224WithRsa: ['rsa', 'sha224'],
  sha256WithRsa: ['rsa', 'sha256'],
  sha384WithRsa: ['rsa', 'sha384'],
  sha512WithRsa: ['rsa', 'sha512'],
  'sha3-256WithRsa': ['rsa', 'sha3-256'],
  'sha3-384WithRsa': ['rsa', 'sha3-384'],
  'sha3-512WithRsa': ['rsa', 'sha3-512'],
  ecdsaWithSha1: ['ecdsa', 'sha1'],
  ecdsaWithSha224: ['ecdsa', 'sha224'],
  ecdsaWithSha256: ['ecdsa', 'sha256'],
  ecdsaWithSha384: ['ecdsa', 'sha384'],
  ecdsaWithSha512: ['ecdsa', 'sha512'],
  'ecdsaWithSha3-256': ['ecdsa', 'sha3-256'],
  'ecdsaWithSha3-384': ['ecdsa', 'sha3-384'],
  'ecdsaWithSha3-512': ['ecdsa', 'sha3-512'],
  gost2012Signature256: ['ecrdsa', 'streebog256'],
  gost2012Signature512: ['ecrdsa', 'streebog512'],
};

/** The curves that an id-ecPublicKey can be on: kernel function `x509_extract_key_data()`. */
const CURVES: Partial<Record<Oid, KeyAlgorithm>> = {
  prime192v1: 'ecdsa-nist-p192',
  prime256v1: 'ecdsa-nist-p256',
  ansip384r1: 'ecdsa-nist-p384',
  ansip521r1: 'ecdsa-nist-p521',
};

/**
 * How a certificate is signed.
 *
 * @param knowsMlDsa - false for a kernel before 7.0
 * @throws KexecError `certificate`, `ENOPKG`: the kernel does not know it.
 */
export function findSignatureAlgorithm(
  oid: Oid | undefined,
  knowsMlDsa: boolean,
): readonly [RawSignature['algorithm'], HashName] {
  const mlDsa = findMlDsa(oid);
  if (mlDsa !== undefined && knowsMlDsa) return [mlDsa, 'sha512'];
  const algorithm = oid && SIGNATURE_ALGORITHMS[oid];
  if (algorithm === undefined) {
    const seen = `certificate: it is signed by an unknown algorithm (${describeUnknown(oid)})`;
    refuse('certificate', 'ENOPKG', seen);
  }
  return algorithm;
}

/**
 * The kind of a public key, by its algorithm and, for elliptic curves, by the encoded parameters, which name the curve.
 *
 * @param knowsMlDsa - false for a kernel before 7.0
 * @throws KexecError `certificate`: `ENOPKG` if the kernel does not know it, `EBADMSG` if no curve is named.
 */
export function findKeyAlgorithm(
  oid: Oid | undefined,
  parameters: Uint8Array,
  knowsMlDsa: boolean,
): KeyAlgorithm {
  const mlDsa = findMlDsa(oid);
  if (mlDsa !== undefined && knowsMlDsa) return mlDsa;
  if (oid === 'rsaEncryption') return 'rsa';
  if (oid === 'gost2012PKey256' || oid === 'gost2012PKey512') return 'ecrdsa';
  if (oid !== 'ecPublicKey') {
    const seen = `certificate: its public key is of an unknown kind (${describeUnknown(oid)})`;
    refuse('certificate', 'ENOPKG', seen);
  }
  if (
    parameters.length < 3 ||
    parameters[0] !== OBJECT_IDENTIFIER ||
    parameters[1] !== parameters.length - 2
  ) {
    refuse('certificate', 'EBADMSG', 'certificate: its public key does not name its curve');
  }
  const curve = findOid(parameters.subarray(2));
  const algorithm = curve && CURVES[curve];
  if (algorithm === undefined) {
    const seen = `certificate: its public key is on an unknown curve (${curve ?? 'unregistered'})`;
    refuse('certificate', 'ENOPKG', seen);
  }
  return algorithm;
}
