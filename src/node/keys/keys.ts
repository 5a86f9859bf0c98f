import { createPrivateKey, type KeyObject, type PrivateKeyInput, sign, X509Certificate } from 'node:crypto';
import { refuse } from '../../base/error.js';
import { isDer, splitDerCertificates } from '../../formats/der-certificates.js';
import { isPem, parsePemCertificates } from '../../formats/pem.js';
import type { SigningHash } from '../../trust/sign/content.js';
import { readFile } from '../files/read-file.js';

/** Keys that the kernel verifies signatures of. */
const KEY_TYPES = ['rsa', 'ec'];

/** What Node says of an encrypted key without a passphrase: of PKCS#8 in DER, and of PEM. */
const LOCKED: readonly unknown[] = ['ERR_MISSING_PASSPHRASE', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED'];

/**
 * The certificates of a file, in DER: PEM, or DER one after another. A file that has a private key as well is one, such
 * as `certs/signing_key.pem` of a kernel's build.
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
    refuse('certificate', 'EBADMSG', `${path} holds no certificate in PEM or DER`);
  }
  return certificates;
}

/**
 * The private key of a file: RSA or ECDSA, in PEM, encrypted or not, or PKCS#8 in DER.
 *
 * @param passphrase - asked for if the key is encrypted
 * @throws KexecError `sign-key`: `EINVAL` for a file that holds no such key, `EACCES` for a wrong passphrase.
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
      refuse('sign-key', 'EACCES', `${path} does not open with this passphrase`, { cause: key });
    }
  }
  if (key instanceof Error)
    refuse('sign-key', 'EINVAL', `${path} holds no private key that can be read`, { cause: key });
  if (!KEY_TYPES.includes(key.asymmetricKeyType ?? '')) {
    refuse('sign-key', 'EINVAL', `${path} holds a key of type ${key.asymmetricKeyType}`);
  }
  return key;
}

/**
 * Refuses a key that is another than the certificate's.
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
  if (!fits) refuse('sign-key', 'EKEYREJECTED', 'the private key is not the one that the certificate is of');
}

/** A signature over bytes: RSA PKCS#1 v1.5, or ECDSA in DER. */
export function signBytes(key: KeyObject, hash: SigningHash, bytes: Uint8Array): Uint8Array {
  try {
    return sign(hash, bytes, key);
  } catch (cause) {
    refuse('sign-key', 'EINVAL', 'the private key cannot sign', { cause });
  }
}

/** The first line of a file that holds a passphrase. */
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
