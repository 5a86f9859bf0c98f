import { attempt, KexecError, refuse } from '../../base/error.js';
import type { Hashes } from '../hashes.js';
import { isMlDsa } from './ml-dsa-names.js';
import {
  findCurve,
  type PublicKey,
  type RawSignature,
  type SignedBytes,
  verifyRawSignature,
} from './public-key.js';

/** Roughly a millisecond of a small machine for each unit: 160 signatures on P-521. */
const MAX_WORK = 1440;

const CURVE_WORK = { p192: 2, p256: 3, p384: 6, p521: 9 } as const;

const ML_DSA_WORK = { mldsa44: 2, mldsa65: 3, mldsa87: 4 } as const;

/** The first byte of an uncompressed point: SEC 1, section 2.3.3. */
const UNCOMPRESSED = 4;

/** How many times as fast native code is, at least. */
const NATIVE_SPEED = 8;

/** For each squared byte of the modulus, and each bit of the exponent. */
const RSA_WORK = 5e-8;

/** The kernel's own bound in FIPS mode; a longer exponent is refused before any work. */
const MAX_EXPONENT_BITS = 256;

/**
 * Verifies the signatures of one message, or of the certificates of one keyring: each of them once, and all of them in
 * bounded time, however often signers and chains lead to the same certificate.
 *
 * The kernel has no such bound, and verifies a certificate again for every signer whose chain goes through it.
 */
export class SignatureChecks {
  /** False for a kernel before 7.0, to which ML-DSA is an unknown algorithm. */
  readonly knowsMlDsa: boolean;
  readonly #hasMlDsa: boolean;
  readonly #hashes: Hashes;
  readonly #results = new WeakMap<RawSignature, Map<PublicKey, KexecError | undefined>>();
  #work = 0;

  /** @param kernel - what it makes of ML-DSA: `knowsMlDsa`, and whether it was built with it */
  constructor(
    hashes: Hashes,
    kernel: { readonly knowsMlDsa?: boolean | undefined; readonly hasMlDsa?: boolean | undefined } = {},
  ) {
    this.#hashes = hashes;
    this.knowsMlDsa = kernel.knowsMlDsa ?? true;
    this.#hasMlDsa = kernel.hasMlDsa ?? true;
  }

  /**
   * Verifies a signature: {@link verifyRawSignature}.
   *
   * @throws KexecError as {@link verifyRawSignature}; `ENOENT`, check `public-key`, for ML-DSA if the kernel was built without
   *   it (`crypto_alloc_sig()`), which it finds before it reads key and signature; `EMSGSIZE`, check `signature-work`,
   *   beyond the bound.
   */
  verify(key: PublicKey, signature: RawSignature, signed: SignedBytes): void {
    const isSupported = key.algorithm === signature.algorithm && signature.hash === 'sha512';
    if (!this.#hasMlDsa && isMlDsa(key.algorithm) && isSupported) {
      refuse('public-key', 'ENOENT', 'the running kernel has no CONFIG_CRYPTO_MLDSA');
    }
    const results = this.#results.get(signature) ?? new Map<PublicKey, KexecError | undefined>();
    this.#results.set(signature, results);
    if (!results.has(key)) results.set(key, this.#verifyOnce(key, signature, signed));
    const refusal = results.get(key);
    if (refusal !== undefined) throw refusal;
  }

  #verifyOnce(key: PublicKey, signature: RawSignature, signed: SignedBytes): KexecError | undefined {
    const isConfirmed = this.#isConfirmed(key, signature, signed);
    this.#work += estimateWork(key, signature) / (isConfirmed ? NATIVE_SPEED : 1);
    if (this.#work > MAX_WORK) {
      refuse(
        'signature-work',
        'EMSGSIZE',
        'more signatures to verify than any chain of certificates needs: verifying this message or keyring would take too long',
      );
    }
    if (isConfirmed) return undefined;
    const result = attempt(() => verifyRawSignature(key, signature, signed));
    return result instanceof KexecError ? result : undefined;
  }

  #isConfirmed({ algorithm, bytes: key }: PublicKey, signature: RawSignature, signed: SignedBytes): boolean {
    const { confirmEcdsa, confirmMlDsa } = this.#hashes;
    if (isMlDsa(algorithm)) {
      // The kernel accepts no other digest: the caller refuses them.
      if (confirmMlDsa === undefined || signature.hash !== 'sha512') return false;
      const isSame = signature.algorithm === algorithm;
      return isSame && confirmMlDsa({ algorithm, key, signature: signature.bytes, signed: signed.parts });
    }
    const curve = findCurve(algorithm);
    if (curve === undefined || confirmEcdsa === undefined || signed.digest === undefined) return false;
    // OpenSSL accepts other forms of points, too; the kernel does not.
    if (key[0] !== UNCOMPRESSED) return false;
    const { algorithm: family, hash, bytes } = signature;
    return family === 'ecdsa' && confirmEcdsa({ curve, key, hash, signature: bytes, signed: signed.parts });
  }
}

function estimateWork({ algorithm, bytes: key }: PublicKey, { bytes }: RawSignature): number {
  if (isMlDsa(algorithm)) return ML_DSA_WORK[algorithm];
  const curve = findCurve(algorithm);
  if (curve !== undefined) return CURVE_WORK[curve];
  const exponentBits = Math.min(Math.max(key.length - bytes.length, 1) * 8, MAX_EXPONENT_BITS);
  return bytes.length ** 2 * exponentBits * RSA_WORK;
}
