/** The digests that the kernel knows in signatures, by its names. */
export type HashName =
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'
  | 'sm3'
  | 'streebog256'
  | 'streebog512';

/** A digest that is being computed. */
export interface Hash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * A source of digests: Node's crypto, or a library that runs in a browser. Returns undefined for a digest that the source
 * does not have.
 */
export type Hashes = (name: HashName) => Hash | undefined;

/** Computes the digest of bytes, which may come in parts. @returns undefined if the source does not have this digest */
export function computeDigest(
  hashes: Hashes,
  name: HashName,
  ...parts: readonly Uint8Array[]
): Uint8Array | undefined {
  const hash = hashes(name);
  for (const part of parts) hash?.update(part);
  return hash?.digest();
}
