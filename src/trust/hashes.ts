/** The digests of the SHA families, by the kernel's names. */
export const SHA_NAMES = [
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
] as const;

/** The digests that the kernel knows in signatures, by its names. */
export const HASH_NAMES = [...SHA_NAMES, 'sm3', 'streebog256', 'streebog512'] as const;

export type HashName = (typeof HASH_NAMES)[number];

/** A digest that is being computed. */
export interface Hash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** An ECDSA signature over bytes. */
export interface EcdsaClaim {
  readonly curve: 'p192' | 'p256' | 'p384' | 'p521';
  /** An uncompressed point. */
  readonly key: Uint8Array;
  readonly hash: HashName;
  /** In DER. */
  readonly signature: Uint8Array;
  /** The signed bytes, in parts. */
  readonly signed: readonly Uint8Array[];
}

/** An ML-DSA signature over bytes. */
export interface MlDsaClaim {
  readonly algorithm: 'mldsa44' | 'mldsa65' | 'mldsa87';
  /** As FIPS 204 encodes it. */
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  /** The signed bytes, in parts. */
  readonly signed: readonly Uint8Array[];
}

/**
 * A source of digests: Node's crypto, or a library that runs in a browser. Returns undefined for a digest that the
 * source does not have.
 */
export interface Hashes {
  (name: HashName): Hash | undefined;
  /**
   * Confirms an ECDSA signature, many times as fast as JavaScript can. `false` says nothing: the caller verifies again,
   * and decides.
   */
  readonly confirmEcdsa?: (claim: EcdsaClaim) => boolean;
  /** Confirms an ML-DSA signature, as {@link confirmEcdsa} does. */
  readonly confirmMlDsa?: (claim: MlDsaClaim) => boolean;
}

/** Computes the digest of the parts, one after another. @returns undefined if the source does not have this digest */
export function computeDigest(
  hashes: Hashes,
  name: HashName,
  ...parts: readonly Uint8Array[]
): Uint8Array | undefined {
  const hash = hashes(name);
  for (const part of parts) hash?.update(part);
  return hash?.digest();
}
