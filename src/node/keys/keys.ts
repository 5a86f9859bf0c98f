import { createPrivateKey, type KeyObject, type PrivateKeyInput, sign, X509Certificate } from 'node:crypto';
import { refuse } from '../../base/error.js';
import { isDer, splitDerCertificates } from '../../formats/der-certificates.js';
import { isPem, parsePemCertificates } from '../../formats/pem.js';
import type { SigningHash } from '../../trust/sign/content.js';
import { readFile } from '../files/read-file.js';

/** The kinds of keys whose signatures the kernel verifies. */
const KEY_TYPES = ['rsa', 'ec'];

/** Node's error codes for an encrypted key without a passphrase: of PKCS#8 in DER, and of PEM. */
const LOCKED: readonly unknown[] = ['ERR_MISSING_PASSPHRASE', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED'];

/**
 * Reads the certificates of a file in PEM, or in DER one after another. The file may contain a private key as well, such as
 * `certs/signing_key.pem` of a kernel's build.
 *
 * @returns the certificates in DER
 *
 * @throws KexecError `EBADMSG`: `pem`, `der-certificates`; or the system's errno.
 */
export function readCertificates(path: string): Uint8Array[] {
  const file = readFile(path);
  const certificates = isPem(file)
    ? parsePemCertificates(file)
    : isDer(file)
      ? splitDerCertificates(file)
      : [];
  if (certificates.length === 0) {
    refuse('certificate', 'EBADMSG', `${path} contains no certificate in PEM or DER`);
  }
  return certificates;
}

/**
 * Reads the private key of a file: RSA or ECDSA, in PEM, encrypted or not, or PKCS#8 in DER.
 *
 * @param passphrase - called if the key is encrypted
 * @throws KexecError `sign-key`: `EINVAL` for a file without such a key, `EACCES` for a wrong passphrase.
 */
export async function readPrivateKey(path: string, passphrase: () => Promise<string>): Promise<KeyObject> {
  const file = Buffer.from(readFile(path));
  const input: PrivateKeyInput = isPem(file)
    ? { key: file, format: 'pem' }
    : { key: file, format: 'der', type: 'pkcs8' };
  let key = tryToOpen(input);
  if (key === 'encrypted') {
    const secret = await passphrase();
    key = tryToOpen({ ...input, passphrase: secret });
    if (key === 'encrypted' || key instanceof Error) {
      refuse('sign-key', 'EACCES', `this passphrase does not decrypt ${path}`, { cause: key });
    }
  }
  if (key instanceof Error)
    refuse('sign-key', 'EINVAL', `${path} contains no readable private key`, { cause: key });
  if (!KEY_TYPES.includes(key.asymmetricKeyType ?? '')) {
    refuse('sign-key', 'EINVAL', `${path} contains a private key of type ${key.asymmetricKeyType}`);
  }
  return key;
}

/**
 * Refuses a private key that does not belong to a certificate.
 *
 * @throws KexecError `EKEYREJECTED`: `sign-key`.
 */
export function requireMatch(key: KeyObject, certificate: Uint8Array): void {
  let fits: boolean;
  try {
    fits = new X509Certificate(certificate).checkPrivateKey(key);
  } catch (cause) {
    refuse('sign-key', 'EINVAL', 'the certificate cannot be read', { cause });
  }
  if (!fits) refuse('sign-key', 'EKEYREJECTED', 'the private key does not belong to the certificate');
}

/** Signs bytes: RSA PKCS#1 v1.5, or ECDSA in DER. */
export function signBytes(key: KeyObject, hash: SigningHash, bytes: Uint8Array): Uint8Array {
  try {
    return sign(hash, bytes, key);
  } catch (cause) {
    refuse('sign-key', 'EINVAL', 'the private key cannot sign', { cause });
  }
}

/** Reads a passphrase: the first line of a file. */
export function readPassphrase(path: string): string {
  return Buffer.from(readFile(path)).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}

function tryToOpen(input: PrivateKeyInput): KeyObject | 'encrypted' | Error {
  try {
    return createPrivateKey(input);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error && LOCKED.includes(error.code) ? 'encrypted' : error;
  }
}
