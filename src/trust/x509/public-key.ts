import { refuse } from '../../base/error.js';
import type { HashName } from '../hashes.js';
import type { CurveName } from './curve-name.js';
import { verifyEcdsa } from './ecdsa.js';
import { verifyMlDsa } from './ml-dsa.js';
import { isMlDsa, type MlDsaName } from './ml-dsa-names.js';
import { verifyRsa } from './rsa.js';

export type EcdsaAlgorithm = 'ecdsa-nist-p192' | 'ecdsa-nist-p256' | 'ecdsa-nist-p384' | 'ecdsa-nist-p521';

/** The kind of a key, by the kernel's names. `ecrdsa` is known by name, and not supported here. */
export type KeyAlgorithm = 'rsa' | EcdsaAlgorithm | 'ecrdsa' | MlDsaName;

/** A public key as a certificate carries it. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** The contents of the BIT STRING: an RSAPublicKey, an uncompressed point, or the key as FIPS 204 encodes it. */
  readonly bytes: Uint8Array;
}

/** A signature, and the algorithms that it names. */
export interface RawSignature {
  readonly algorithm: 'rsa' | 'ecdsa' | 'ecrdsa' | MlDsaName;
  /**
   * The digest that is signed. ML-DSA signs the data itself: here it is the digest of the content in the attributes, and
   * SHA-512, as good as none, if there are no attributes.
   */
  readonly hash: HashName;
  readonly bytes: Uint8Array;
}

/** Bytes that were signed, and their digest by the hash of the signature. */
export interface SignedBytes {
  readonly parts: readonly Uint8Array[];
  /** Undefined if the source of digests does not have this kind. */
  readonly digest: Uint8Array | undefined;
}

const CURVES: Readonly<Record<EcdsaAlgorithm, CurveName>> = {
  'ecdsa-nist-p192': 'p192',
  'ecdsa-nist-p256': 'p256',
  'ecdsa-nist-p384': 'p384',
  'ecdsa-nist-p521': 'p521',
};

/**
 * Verifies a signature over a digest or, of ML-DSA, over the data: kernel function `public_key_verify_signature()`.
 *
 * @throws KexecError check `public-key`: `EKEYREJECTED` for a signature that does not match or is of another kind than
 *   the key; `EBADMSG` and `EINVAL` for malformed keys and signatures; `ENOENT` for algorithms that the kernel lacks.
 */
export function verifyRawSignature(
  key: PublicKey,
  signature: RawSignature,
  { parts, digest = new Uint8Array(0) }: SignedBytes,
): void {
  const { algorithm, bytes } = key;
  const family = findKeyFamily(key);
  if (family !== signature.algorithm) {
    refuse('public-key', 'EKEYREJECTED', `the signature is ${signature.algorithm}, the key ${algorithm}`);
  }
  if (isMlDsa(algorithm)) verifyMlDsa(algorithm, bytes, signature, parts);
  else if (algorithm === 'rsa') verifyRsa(bytes, signature, digest);
  else if (algorithm !== 'ecrdsa') verifyEcdsa(CURVES[algorithm], bytes, signature, digest);
  else refuse('public-key', 'ENOENT', `keys of kind ${algorithm} are not supported`);
}

/** The curve of a key. @returns undefined for other keys */
export function findCurve(algorithm: KeyAlgorithm): CurveName | undefined {
  return isEcdsa(algorithm) ? CURVES[algorithm] : undefined;
}

/** The algorithm of the signatures that a key makes. */
export function findKeyFamily({ algorithm }: PublicKey): RawSignature['algorithm'] {
  return isEcdsa(algorithm) ? 'ecdsa' : algorithm;
}

function isEcdsa(algorithm: KeyAlgorithm): algorithm is EcdsaAlgorithm {
  return algorithm in CURVES;
}
