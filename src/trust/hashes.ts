/** The digests that the kernel knows in signatures, by its names for them. */
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

/** A digest in the making. */
export interface Hash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * Where digests come from: Node's crypto or a library that runs in a browser. Nothing for a digest that this source
 * does not have.
 */
export type Hashes = (name: HashName) => Hash | undefined;

/** The digest of some bytes, or nothing if the source does not have it. */
export function computeDigest(
  hashes: Hashes,
  name: HashName,
  ...parts: readonly Uint8Array[]
): Uint8Array | undefined {
  const hash = hashes(name);
  for (const part of parts) hash?.update(part);
  return hash?.digest();
}
