import { refuse } from '../../base/error.js';
import type { HashName } from '../hashes.js';
import type { CurveName } from './curve-name.js';
import { verifyEcdsa } from './ecdsa.js';
import { verifyRsa } from './rsa.js';

export type EcdsaAlgorithm = 'ecdsa-nist-p192' | 'ecdsa-nist-p256' | 'ecdsa-nist-p384' | 'ecdsa-nist-p521';

/** The kind of a key, by the kernel's names. `ecrdsa` is known by name, and not supported here. */
export type KeyAlgorithm = 'rsa' | EcdsaAlgorithm | 'ecrdsa';

/** A public key as a certificate carries it. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** The contents of the BIT STRING: an RSAPublicKey, or an uncompressed point. */
  readonly bytes: Uint8Array;
}

/** A signature, and the algorithms that it names. */
export interface RawSignature {
  readonly algorithm: 'rsa' | 'ecdsa' | 'ecrdsa';
  readonly hash: HashName;
  readonly bytes: Uint8Array;
}

const CURVES: Readonly<Record<EcdsaAlgorithm, CurveName>> = {
  'ecdsa-nist-p192': 'p192',
  'ecdsa-nist-p256': 'p256',
  'ecdsa-nist-p384': 'p384',
  'ecdsa-nist-p521': 'p521',
};

/**
 * Verifies a signature over a digest: kernel function `public_key_verify_signature()`.
 *
 * @param digest - undefined if the source of digests does not have this kind
 * @throws KexecError check `public-key`: `EKEYREJECTED` for a signature that does not match or is of another kind than
 *   the key; `EBADMSG` and `EINVAL` for malformed keys and signatures; `ENOENT` for algorithms that the kernel lacks.
 */
export function verifyRawSignature(
  key: PublicKey,
  signature: RawSignature,
  digest: Uint8Array = new Uint8Array(0),
): void {
  const { algorithm, bytes } = key;
  const family = findKeyFamily(key);
  if (family !== signature.algorithm) {
    refuse('public-key', 'EKEYREJECTED', `the signature is ${signature.algorithm}, the key ${algorithm}`);
  }
  if (algorithm === 'rsa') verifyRsa(bytes, signature, digest);
  else if (algorithm !== 'ecrdsa') verifyEcdsa(CURVES[algorithm], bytes, signature, digest);
  else refuse('public-key', 'ENOENT', `keys of kind ${algorithm} are not supported`);
}

/** The curve of a key. @returns undefined for other keys */
export function findCurve(algorithm: KeyAlgorithm): CurveName | undefined {
  return algorithm === 'rsa' || algorithm === 'ecrdsa' ? undefined : CURVES[algorithm];
}

/** The algorithm of the signatures that a key makes. */
export function findKeyFamily({ algorithm }: PublicKey): RawSignature['algorithm'] {
  return algorithm === 'rsa' || algorithm === 'ecrdsa' ? algorithm : 'ecdsa';
}
