import { decodeLatin1, equalBytes } from '../../base/bytes.js';
import { isPkcs7 } from '../pkcs7-certificates.js';
import { isPkcs12, PKCS12_CURE } from '../pkcs12.js';
import { type ForeignFile, GIVE_THE_KERNEL, hasText } from './foreign-file.js';

const TRUST = 'give it with --cert or --keyring, and the signed file as FILE';

/** Labels of PEM blocks (RFC 7468), and what to do with each. */
const PEM_CURES: readonly (readonly [RegExp, string])[] = [
  [/CERTIFICATE$/, TRUST],
  [/PRIVATE KEY$/, 'kexec-file sign takes it as --key; keep it secret'],
  [/^PKCS7$|^CMS$/, 'kexec-file signature attach adds a detached signature (in DER) to a file'],
];

/** Names a text file of keys or certificates, by the label of its first block. */
export function namePem(bytes: Uint8Array): ForeignFile | undefined {
  const label = /^(?:[^\n]{0,200}\n){0,100}?-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(
    decodeLatin1(bytes.subarray(0, 4096)),
  )?.[1];
  if (label === undefined) return undefined;
  const cure = PEM_CURES.find(([pattern]) => pattern.test(label))?.[1] ?? GIVE_THE_KERNEL;
  return { name: `a PEM file (${label})`, cure };
}

const DER_SEQUENCE = 0x30;
/** No certificate and no key is shorter, in bytes. */
const MIN_CERTIFICATE_BYTES = 32;
const INTEGER_0 = [2, 1, 0];
const INTEGER_1 = [2, 1, 1];
const OBJECT_IDENTIFIER = 6;
const OCTET_STRING = 4;

/** Names a DER file by its first elements: PKCS#12 (RFC 7292), PKCS#7, X.509, PKCS#8, PKCS#1. */
export function nameDer(bytes: Uint8Array): ForeignFile | undefined {
  const contents = enter(bytes);
  if (contents === undefined) return undefined;
  if (isPkcs12(bytes)) return { name: 'a PKCS#12 file: a key with its certificates', cure: PKCS12_CURE };
  if (isPkcs7(bytes))
    return {
      name: 'a PKCS#7 message: a detached signature or certificates',
      cure: 'kexec-file signature attach adds a signature to a file; certificates alone go with --cert',
    };
  if (startsWith(contents, INTEGER_0) || (startsWith(contents, INTEGER_1) && contents[3] === OCTET_STRING))
    return { name: 'a private key in DER', cure: 'kexec-file sign takes it as --key; keep it secret' };
  const inner = enter(contents);
  return inner === undefined || bytes.length < MIN_CERTIFICATE_BYTES ? undefined : nameInner(inner);
}

/** Names a file by the contents of its first element, which is a SEQUENCE. */
function nameInner(inner: Uint8Array): ForeignFile | undefined {
  if (inner[0] === OBJECT_IDENTIFIER)
    return {
      name: 'a public key or an encrypted private key in DER',
      cure: 'kexec-file sign takes a private key as --key; a certificate goes with --cert',
    };
  if (startsWith(inner, INTEGER_0))
    return { name: 'a request for a certificate in DER', cure: 'give the certificate with --cert' };
  // TBSCertificate begins with its version, [0] EXPLICIT INTEGER; in version 1, with the serial number.
  if (startsWith(inner, [0xa0, 3, ...INTEGER_0.slice(0, 2)]) || inner[0] === INTEGER_0[0])
    return { name: 'a certificate in DER', cure: TRUST };
  return undefined;
}

/**
 * The contents of a SEQUENCE at the start; undefined if there is none, or if it leaves the bytes by more than their
 * end.
 */
function enter(bytes: Uint8Array): Uint8Array | undefined {
  const [tag, length = 0] = bytes;
  if (tag !== DER_SEQUENCE) return undefined;
  if (length < 0x80) return bytes.subarray(2);
  const count = length & 0x7f;
  return count >= 1 && count <= 4 ? bytes.subarray(2 + count) : undefined;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return equalBytes(bytes.subarray(0, start.length), Uint8Array.from(start));
}

/** EFI_CERT_X509_GUID and EFI_CERT_SHA256_GUID, as they are stored: UEFI, section 32.4.1. */
const EFI_GUIDS = [
  '\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72',
  '\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28',
];

/** Names lists of certificates of UEFI, alone or as a file of efivarfs. */
export function nameEfiList(bytes: Uint8Array): ForeignFile | undefined {
  if (!EFI_GUIDS.some((guid) => hasText(bytes, 0, guid) || hasText(bytes, 4, guid))) return undefined;
  return {
    name: 'an EFI signature list',
    cure: 'give it with --keyring (db) or --dbx, and the signed file as FILE',
  };
}
