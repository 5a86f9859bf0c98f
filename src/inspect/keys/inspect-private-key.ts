import { INTEGER, OCTET_STRING, SEQUENCE } from '../../formats/asn1-tags.js';
import { type DerElement, listElements } from '../../formats/der-elements.js';
import type { Facts } from '../facts.js';
import { nameAlgorithm } from './algorithm-names.js';

/** Counts the bits of a number in DER, without leading zeros. */
export function countBits(number: Uint8Array): number {
  const first = number.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : (number.length - first - 1) * 8 + (32 - Math.clz32(number[first] ?? 0));
}

/** An RSAPrivateKey has its version and eight numbers; a DSA key of OpenSSL has five. */
const RSA_ELEMENTS = 9;

/**
 * Describes a private key in DER by its kind alone: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC1 (RFC 5915), encrypted
 * PKCS#8. Nothing of the key is returned.
 *
 * @returns undefined for other files
 */
export function describePrivateKey(der: Uint8Array): Facts | undefined {
  const [outer] = listElements(der);
  if (outer?.tag !== SEQUENCE) return undefined;
  const elements = listElements(outer.value);
  const [first, second, third] = elements;
  if (first?.tag === SEQUENCE && second?.tag === OCTET_STRING)
    return { form: 'PKCS#8', encryption: nameAlgorithm(first.value) };
  if (!isVersion(first)) return undefined;
  if (second?.tag === SEQUENCE && third?.tag === OCTET_STRING)
    return {
      form: 'PKCS#8',
      encryption: 'none',
      algorithm: nameAlgorithm(second.value),
      ...describeSize(second, third),
    };
  if (second?.tag === INTEGER && elements.length >= RSA_ELEMENTS)
    return { form: 'PKCS#1', encryption: 'none', algorithm: 'RSA', bits: countBits(second.value) };
  if (second?.tag === OCTET_STRING && third !== undefined)
    return { form: 'SEC1', encryption: 'none', algorithm: `EC (${nameAlgorithm(third.value)})` };
  return undefined;
}

/** A private key begins with version 0 or 1; a public key and a bare signature begin with a large number. */
function isVersion(element: DerElement | undefined): boolean {
  return element?.tag === INTEGER && element.value.length === 1 && (element.value[0] ?? 2) < 2;
}

/** The size of an RSA key in PKCS#8. */
function describeSize(algorithm: DerElement, key: DerElement): Facts {
  if (nameAlgorithm(algorithm.value) !== 'RSA') return {};
  const [sequence] = listElements(key.value);
  const modulus = sequence && listElements(sequence.value)[1];
  return modulus?.tag === INTEGER ? { bits: countBits(modulus.value) } : {};
}

/** What to do with a private key. */
export const PRIVATE_KEY_REMARK = 'a private key: kexec-file sign takes it as --key; keep it secret';

/** Inspects a private key in DER. Its contents are not shown. */
export function inspectPrivateKey(der: Uint8Array): Facts {
  return { ...describePrivateKey(der), remark: PRIVATE_KEY_REMARK };
}
