/** ML-DSA by a library. The command loads this file only when one of its functions is called (scripts/bundle.mjs). */
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { concatenate } from '../../base/bytes.js';
import type { MlDsaName } from './ml-dsa-names.js';

const SETS = { mldsa44: ml_dsa44, mldsa65: ml_dsa65, mldsa87: ml_dsa87 };

/** What a signature is compared with. All lengths are those of the parameter set. */
export interface MlDsaSignature {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  /** The signed bytes, in parts. */
  readonly signed: readonly Uint8Array[];
}

/** Whether a signature holds: FIPS 204, algorithm 3, with an empty context. */
export function confirmsMlDsa(name: MlDsaName, { key, signature, signed }: MlDsaSignature): boolean {
  return SETS[name].verify(signature, concatenate(signed), key);
}

/** The keys that a seed of 32 bytes stands for: FIPS 204, algorithm 6. */
export function expandMlDsaSeed(
  name: MlDsaName,
  seed: Uint8Array,
): { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array } {
  return SETS[name].keygen(seed);
}

/** The public key of an expanded private key. @throws Error if it has another length */
export function findMlDsaPublicKey(name: MlDsaName, secretKey: Uint8Array): Uint8Array {
  return SETS[name].getPublicKey(secretKey);
}

/** Signs bytes, with random bytes for protection against faults: FIPS 204, algorithm 2, with an empty context. */
export function signByMlDsa(name: MlDsaName, bytes: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return SETS[name].sign(bytes, secretKey);
}
