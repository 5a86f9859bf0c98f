import { sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import type { Hash, Hashes, HashName } from './hashes.js';

const DIGESTS: Partial<
  Record<HashName, { create(): { update(bytes: Uint8Array): unknown; digest(): Uint8Array } }>
> = {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
};

/** Digests in JavaScript, for browsers: the same as Node's crypto computes, slower by an order of magnitude. */
export const portableHashes: Hashes = (name): Hash | undefined => {
  const hash = DIGESTS[name]?.create();
  return (
    hash && {
      update: (bytes) => {
        hash.update(bytes);
      },
      digest: () => hash.digest(),
    }
  );
};
