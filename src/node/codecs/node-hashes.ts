import { createHash } from 'node:crypto';
import type { Hashes, HashName } from '../../trust/hashes.js';

/** OpenSSL's names of the digests that it has. */
const OPENSSL_NAMES: Partial<Record<HashName, string>> = {
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
};

/** Digests by Node's crypto, which uses the CPU's own instructions for them. */
export const nodeHashes: Hashes = (name) => {
  const opensslName = OPENSSL_NAMES[name];
  if (opensslName === undefined) return undefined;
  const hash = createHash(opensslName);
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest(),
  };
};
