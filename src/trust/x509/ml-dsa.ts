import { refuse } from '../../base/error.js';
import type { HashName } from '../hashes.js';
import { confirmsMlDsa } from './ml-dsa-library.js';
import type { MlDsaName } from './ml-dsa-names.js';

/** FIPS 204, section 4, tables 1 and 2. Lengths in bytes. */
interface Parameters {
  readonly keyLength: number;
  readonly signatureLength: number;
  /** Of the commitment hash, with which a signature begins. */
  readonly hashLength: number;
  /** The largest absolute value of a coefficient of z is below 2 ** gammaBits - beta. */
  readonly gammaBits: number;
  readonly beta: number;
  /** The number of polynomials in a hint, and the largest number of ones in all of them. */
  readonly hintPolynomials: number;
  readonly maxHints: number;
}

const PARAMETERS: Readonly<Record<MlDsaName, Parameters>> = {
  mldsa44: {
    keyLength: 1312,
    signatureLength: 2420,
    hashLength: 32,
    gammaBits: 17,
    beta: 78,
    hintPolynomials: 4,
    maxHints: 80,
  },
  mldsa65: {
    keyLength: 1952,
    signatureLength: 3309,
    hashLength: 48,
    gammaBits: 19,
    beta: 196,
    hintPolynomials: 6,
    maxHints: 55,
  },
  mldsa87: {
    keyLength: 2592,
    signatureLength: 4627,
    hashLength: 64,
    gammaBits: 19,
    beta: 120,
    hintPolynomials: 8,
    maxHints: 75,
  },
};

/**
 * Verifies ML-DSA without a context (FIPS 204, algorithm 3), as `mldsa_verify()` of Linux 7.0 and later.
 *
 * @param key - the encoded public key
 * @param signature - with the digest that the message names: the kernel accepts SHA-512 alone
 * @param parts - what is signed: the data itself, not its digest
 * @throws KexecError check `public-key`: `EINVAL` for another digest and for a key of another length; `EBADMSG` for a
 *   malformed signature, `EKEYREJECTED` for one of something else.
 */
export function verifyMlDsa(
  name: MlDsaName,
  key: Uint8Array,
  { hash, bytes }: { readonly hash: HashName; readonly bytes: Uint8Array },
  parts: readonly Uint8Array[],
): void {
  const parameters = PARAMETERS[name];
  if (hash !== 'sha512') {
    refuse('public-key', 'EINVAL', `${name} with a messageDigest by ${hash}: it needs sha512`);
  }
  if (key.length !== parameters.keyLength) {
    refuse('public-key', 'EINVAL', `an ${name} key of ${key.length} bytes, not ${parameters.keyLength}`);
  }
  if (bytes.length !== parameters.signatureLength) {
    const seen = `an ${name} signature of ${bytes.length} bytes, not ${parameters.signatureLength}`;
    refuse('public-key', 'EBADMSG', seen);
  }
  const hintStart = bytes.length - parameters.hintPolynomials - parameters.maxHints;
  if (
    !hasShortResponse(bytes.subarray(parameters.hashLength, hintStart), parameters) ||
    !isHint(bytes.subarray(hintStart), parameters)
  ) {
    refuse('public-key', 'EBADMSG', `a malformed ${name} signature`);
  }
  if (!confirmsMlDsa(name, { key, signature: bytes, signed: parts })) {
    refuse('public-key', 'EKEYREJECTED', `the ${name} signature is of something else`);
  }
}

/**
 * Whether all coefficients of z are in their bounds: FIPS 204, algorithm 8, line 13. The library refuses such a
 * signature, too, but does not say why, and the kernel has another errno for it.
 */
function hasShortResponse(packed: Uint8Array, { gammaBits, beta }: Parameters): boolean {
  const bits = gammaBits + 1;
  const mask = (1 << bits) - 1;
  let waiting = 0;
  let waitingBits = 0;
  for (const octet of packed) {
    waiting |= octet << waitingBits;
    waitingBits += 8;
    if (waitingBits < bits) continue;
    // Packed is gamma - z: FIPS 204, algorithm 17.
    const value = waiting & mask;
    if (value <= beta || value >= 2 ** bits - beta) return false;
    waiting >>>= bits;
    waitingBits -= bits;
  }
  return true;
}

/** Whether a hint is encoded as it must be: FIPS 204, algorithm 21. */
function isHint(hint: Uint8Array, { hintPolynomials, maxHints }: Parameters): boolean {
  let index = 0;
  for (let polynomial = 0; polynomial < hintPolynomials; polynomial += 1) {
    const end = hint[maxHints + polynomial] ?? 0;
    if (end < index || end > maxHints) return false;
    for (let at = index + 1; at < end; at += 1) {
      if ((hint[at - 1] ?? 0) >= (hint[at] ?? 0)) return false;
    }
    index = end;
  }
  return hint.subarray(index, maxHints).every((octet) => octet === 0);
}
