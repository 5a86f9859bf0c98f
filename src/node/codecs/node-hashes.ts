import { createHash, createPublicKey, verify } from 'node:crypto';
import { concatenate } from '../../base/bytes.js';
import { BIT_STRING } from '../../formats/asn1-tags.js';
import { encodeElement, encodeObjectIdentifier, encodeSequence } from '../../formats/der.js';
import type { EcdsaClaim, Hash, Hashes, HashName, MlDsaClaim } from '../../trust/hashes.js';
import { ML_DSA_OIDS } from '../../trust/x509/ml-dsa-names.js';
import { encodeOid, type Oid } from '../../trust/x509/oids.js';

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
export const nodeHashes: Hashes = Object.assign(createNodeHash, { confirmEcdsa, confirmMlDsa });

function createNodeHash(name: HashName): Hash | undefined {
  const opensslName = OPENSSL_NAMES[name];
  if (opensslName === undefined) return undefined;
  const hash = createHash(opensslName);
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest(),
  };
}

/** The curves by their object identifiers, and the bytes of a coordinate. */
const CURVES: Readonly<Record<EcdsaClaim['curve'], { readonly oid: Oid; readonly size: number }>> = {
  p192: { oid: 'prime192v1', size: 24 },
  p256: { oid: 'prime256v1', size: 32 },
  p384: { oid: 'ansip384r1', size: 48 },
  p521: { oid: 'ansip521r1', size: 66 },
};

function confirmEcdsa({ curve, key, hash, signature, signed }: EcdsaClaim): boolean {
  const { oid, size } = CURVES[curve];
  const opensslName = OPENSSL_NAMES[hash];
  if (opensslName === undefined || key.length !== 1 + 2 * size) return false;
  try {
    const publicKey = createPublicKey({ format: 'der', type: 'spki', key: encodePoint(oid, key) });
    return verify(opensslName, concatenate(signed), publicKey, signature);
  } catch {
    // OpenSSL may lack the curve, or the key is no point of it.
    return false;
  }
}

/** Node 24.6 and later have ML-DSA, if they are built with OpenSSL 3.5 or later. */
function confirmMlDsa({ algorithm, key, signature, signed }: MlDsaClaim): boolean {
  try {
    const spki = encodePublicKey(key, ML_DSA_OIDS[algorithm]);
    return verify(
      null,
      concatenate(signed),
      createPublicKey({ format: 'der', type: 'spki', key: spki }),
      signature,
    );
  } catch {
    return false;
  }
}

/** SubjectPublicKeyInfo: RFC 5480, section 2. */
function encodePoint(curve: Oid, point: Uint8Array): Buffer {
  return encodePublicKey(point, 'ecPublicKey', curve);
}

/** SubjectPublicKeyInfo, whose algorithm is one object identifier or two. */
function encodePublicKey(key: Uint8Array, ...oids: readonly Oid[]): Buffer {
  const algorithm = encodeSequence(...oids.map((oid) => encodeObjectIdentifier(encodeOid(oid))));
  return Buffer.from(encodeSequence(algorithm, encodeElement(BIT_STRING, Uint8Array.of(0), key)));
}
