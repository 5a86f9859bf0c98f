import { formatOid } from '../../formats/algorithm-identifier.js';
import { CONSTRUCTED, OBJECT_IDENTIFIER, SEQUENCE } from '../../formats/asn1-tags.js';
import { listElements } from '../../formats/der-elements.js';

/** Names of algorithms by their object identifiers: those of keys, curves, encryptions and digests. */
const NAMES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
  '1.3.132.0.10': 'secp256k1',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
  '1.2.840.10040.4.1': 'DSA',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
  '1.2.840.113549.1.5.12': 'PBKDF2',
  '1.2.840.113549.1.5.13': 'PBES2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
  '1.2.840.113549.1.12.1.1': 'SHA-1 and RC4 of 128 bits',
  '1.2.840.113549.1.12.1.3': 'SHA-1 and 3DES',
  '1.2.840.113549.1.12.1.5': 'SHA-1 and RC2 of 128 bits',
  '1.2.840.113549.1.12.1.6': 'SHA-1 and RC2 of 40 bits',
  '1.2.840.113549.2.7': 'HMAC-SHA-1',
  '1.2.840.113549.2.9': 'HMAC-SHA-256',
  '1.2.840.113549.2.10': 'HMAC-SHA-384',
  '1.2.840.113549.2.11': 'HMAC-SHA-512',
  '1.2.840.113549.3.7': '3DES-CBC',
  '2.16.840.1.101.3.4.1.2': 'AES-128-CBC',
  '2.16.840.1.101.3.4.1.22': 'AES-192-CBC',
  '2.16.840.1.101.3.4.1.42': 'AES-256-CBC',
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

/** Names an algorithm by its object identifier. */
export function nameOid(oid: string): string {
  return Object.hasOwn(NAMES, oid) ? (NAMES[oid] as string) : oid;
}

/**
 * Names an AlgorithmIdentifier with the algorithms in its parameters: "PBES2 (PBKDF2, HMAC-SHA-256, AES-256-CBC)".
 *
 * @param contents - of the SEQUENCE
 */
export function nameAlgorithm(contents: Uint8Array): string {
  const [first, ...others] = listOids(contents, 0).map(nameOid);
  if (first === undefined) return 'an unknown algorithm';
  return others.length === 0 ? first : `${first} (${others.join(', ')})`;
}

/** Parameters are nested three deep at most. */
const MAX_DEPTH = 4;

function listOids(bytes: Uint8Array, depth: number): string[] {
  return listElements(bytes).flatMap(({ tag, value }) => {
    if (tag === OBJECT_IDENTIFIER) return [formatOid(value)];
    return (tag === SEQUENCE || (tag & CONSTRUCTED) !== 0) && depth < MAX_DEPTH
      ? listOids(value, depth + 1)
      : [];
  });
}
