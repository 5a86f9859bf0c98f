import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { contextTag, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../../formats/asn1-tags.js';
import { listElements } from '../../formats/der-elements.js';
import { expandMlDsaSeed, findMlDsaPublicKey, signByMlDsa } from '../x509/ml-dsa-library.js';
import { findMlDsa, type MlDsaName } from '../x509/ml-dsa-names.js';
import { findOid } from '../x509/oids.js';

/** A private key of ML-DSA. */
export interface MlDsaKey {
  readonly algorithm: MlDsaName;
  /** As a certificate has it. */
  readonly publicKey: Uint8Array;
  /** Signs bytes, with an empty context. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

const SEED_BYTES = 32;

/** Lengths of expanded private keys in bytes: FIPS 204, table 2. */
const EXPANDED_BYTES: Readonly<Record<MlDsaName, number>> = { mldsa44: 2560, mldsa65: 4032, mldsa87: 4896 };

/**
 * Opens a private key of ML-DSA in PKCS#8 (RFC 9881, section 6): a seed, an expanded key, or both. Node's crypto has
 * such keys only from 24.6 on.
 *
 * @param pkcs8 - in DER, not encrypted
 * @returns undefined for other keys
 * @throws KexecError `EINVAL`, `sign-key`: the key has none of these forms, or its seed belongs to another key.
 */
export function openMlDsaKey(pkcs8: Uint8Array): MlDsaKey | undefined {
  const [outer] = listElements(pkcs8);
  if (outer?.tag !== SEQUENCE) return undefined;
  const [version, identifier, key] = listElements(outer.value);
  if (version?.tag !== INTEGER || identifier?.tag !== SEQUENCE || key?.tag !== OCTET_STRING) return undefined;
  const [oid] = listElements(identifier.value);
  const algorithm = oid?.tag === OBJECT_IDENTIFIER ? findMlDsa(findOid(oid.value)) : undefined;
  if (algorithm === undefined) return undefined;
  const { secretKey, publicKey } = expand(algorithm, key.value);
  return { algorithm, publicKey, sign: (bytes) => signByMlDsa(algorithm, bytes, secretKey) };
}

/** ML-DSA-PrivateKey, a CHOICE. */
function expand(algorithm: MlDsaName, contents: Uint8Array): ReturnType<typeof expandMlDsaSeed> {
  const [choice] = listElements(contents);
  const [first, second] = choice?.tag === SEQUENCE ? listElements(choice.value) : [];
  const seed = choice?.tag === contextTag(0) ? choice.value : first?.value;
  const expanded = choice?.tag === OCTET_STRING ? choice.value : second?.value;
  const isForm = seed !== undefined || expanded !== undefined;
  const hasLengths =
    (seed?.length ?? SEED_BYTES) === SEED_BYTES &&
    (expanded?.length ?? EXPANDED_BYTES[algorithm]) === EXPANDED_BYTES[algorithm];
  if (!isForm || !hasLengths) {
    refuse('sign-key', 'EINVAL', `an ${algorithm} key that is neither a seed nor an expanded key`);
  }
  const keys = seed && expandMlDsaSeed(algorithm, seed);
  if (keys !== undefined && expanded !== undefined && !equalBytes(keys.secretKey, expanded)) {
    refuse('sign-key', 'EINVAL', `an ${algorithm} key whose seed belongs to another key`);
  }
  if (keys !== undefined) return keys;
  const secretKey = expanded ?? new Uint8Array(0);
  try {
    return { secretKey, publicKey: findMlDsaPublicKey(algorithm, secretKey) };
  } catch (cause) {
    refuse('sign-key', 'EINVAL', `an ${algorithm} key that is malformed`, { cause });
  }
}
