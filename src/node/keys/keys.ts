import { createPrivateKey, type KeyObject, type PrivateKeyInput, sign, X509Certificate } from 'node:crypto';
import { equalBytes } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { isDer, splitDerCertificates } from '../../formats/der-certificates.js';
import { decodePemBlock, isPem, parsePem, parsePemCertificates } from '../../formats/pem.js';
import { isPkcs7, listPemPkcs7, listPkcs7Certificates } from '../../formats/pkcs7-certificates.js';
import { isPkcs12 } from '../../formats/pkcs12.js';
import type { SigningHash } from '../../trust/sign/content.js';
import { type MlDsaKey, openMlDsaKey } from '../../trust/sign/ml-dsa-key.js';
import { parseCertificate } from '../../trust/x509/certificate.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readFile } from '../files/read-file.js';
import { decryptPkcs8, openPkcs12, type Pkcs12Contents } from './open-pkcs12.js';

/** The kinds of keys whose signatures the kernel verifies. */
const KEY_TYPES = ['rsa', 'ec'];

/** A private key. */
export type PrivateKey = KeyObject | MlDsaKey;

/** Node's error codes for an encrypted key without a passphrase: of PKCS#8 in DER, and of PEM. */
const LOCKED: readonly unknown[] = ['ERR_MISSING_PASSPHRASE', 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED'];

/**
 * Reads the certificates of a file in PEM, in DER one after another, or in PKCS#7 (`.p7b`). The file may contain a
 * private key as well, such as `certs/signing_key.pem` of a kernel's build.
 *
 * @returns the certificates in DER; of PKCS#7, which has no order, one that issued none of the others is the first
 *
 * @throws KexecError `EBADMSG`: `pem`, `der-certificates`, `certificate`, for PKCS#12, too; or the system's errno.
 */
export function readCertificates(path: string): Uint8Array[] {
  const file = readFile(path);
  if (isPkcs12(file)) {
    const cure = `kexec-file sign takes it as --key and --cert; or convert it: openssl pkcs12 -in ${path} -clcerts -nokeys -out cert.pem`;
    refuse('certificate', 'EBADMSG', `${path} is a PKCS#12 file, which needs its passphrase`, { cure });
  }
  const certificates = findCertificates(file);
  if (certificates.length === 0) {
    refuse('certificate', 'EBADMSG', `${path} contains no certificate in PEM, DER or PKCS#7`);
  }
  return certificates;
}

/**
 * Reads the certificates of a signer: as {@link readCertificates}, and from PKCS#12 as well.
 *
 * @param passphrase - called for PKCS#12, unless its passphrase is empty
 * @returns the certificates in DER; of PKCS#12, that of its key is the first
 * @throws KexecError as {@link readCertificates} and {@link readPrivateKey}
 */
export async function readSignerCertificates(
  path: string,
  passphrase: () => Promise<string>,
): Promise<Uint8Array[]> {
  const file = readFile(path);
  if (!isPkcs12(file)) return readCertificates(path);
  const { certificates, key } = await openWithPassphrase(file, path, passphrase);
  if (certificates.length === 0) refuse('certificate', 'EBADMSG', `${path} contains no certificate`);
  const opened = key && openPkcs8(key);
  const belongs = (der: Uint8Array): boolean =>
    opened === undefined || (!(opened instanceof Error) && isKeyOf(opened, der));
  return [...certificates.filter(belongs), ...certificates.filter((der) => !belongs(der))];
}

function findCertificates(file: Uint8Array): Uint8Array[] {
  if (isPkcs7(file)) return sortCertificates(listPkcs7Certificates(file));
  if (isDer(file)) return splitDerCertificates(file);
  if (!isPem(file)) return [];
  const embedded = listPemPkcs7(file).flatMap(listPkcs7Certificates);
  return [...parsePemCertificates(file), ...sortCertificates(embedded)];
}

/** Puts the certificates that issued none of the others first. */
function sortCertificates(ders: readonly Uint8Array[]): Uint8Array[] {
  const parsed = ders.map((der) => ({ der, certificate: parseX509(der) }));
  const isIssuer = ({ certificate }: (typeof parsed)[number]): boolean =>
    certificate !== undefined &&
    parsed.some((other) => other.certificate !== certificate && other.certificate?.checkIssued(certificate));
  return [...parsed.filter((candidate) => !isIssuer(candidate)), ...parsed.filter(isIssuer)].map(
    ({ der }) => der,
  );
}

function parseX509(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/**
 * Reads the private key of a file: RSA, ECDSA or ML-DSA, in PEM, encrypted or not, PKCS#8 in DER, or PKCS#12.
 *
 * @param passphrase - called if the key is encrypted
 * @throws KexecError `sign-key`: `EINVAL` for a file without such a key, `EACCES` for a wrong passphrase.
 */
export async function readPrivateKey(path: string, passphrase: () => Promise<string>): Promise<PrivateKey> {
  const file = Buffer.from(readFile(path));
  if (isPkcs12(file)) return readPkcs12Key(file, path, passphrase);
  const input: PrivateKeyInput = isPem(file)
    ? { key: file, format: 'pem' }
    : { key: file, format: 'der', type: 'pkcs8' };
  const mlDsa = findMlDsaKey(findBlock(file, 'PRIVATE KEY'));
  if (mlDsa !== undefined) return mlDsa;
  let key = tryToOpen(input);
  if (key === 'encrypted') {
    const secret = await passphrase();
    key = tryToOpen({ ...input, passphrase: secret });
    // Node's crypto may lack ML-DSA, and then fails as for a wrong passphrase.
    const decrypted = attempt(() => findMlDsaKey(decryptBlock(file, secret, path)));
    if (decrypted !== undefined && !(decrypted instanceof KexecError)) return decrypted;
    if (key === 'encrypted' || key instanceof Error) {
      refuse('sign-key', 'EACCES', `this passphrase does not decrypt ${path}`, { cause: key });
    }
  }
  return requireKey(key, path);
}

async function readPkcs12Key(
  file: Uint8Array,
  path: string,
  passphrase: () => Promise<string>,
): Promise<PrivateKey> {
  const { key } = await openWithPassphrase(file, path, passphrase);
  if (key === undefined) refuse('sign-key', 'EINVAL', `${path} contains no private key`);
  const opened = openPkcs8(key);
  return requireKey(opened, path);
}

/** Opens a PKCS#12 file: with an empty passphrase, or with the one that is asked for. */
async function openWithPassphrase(
  file: Uint8Array,
  path: string,
  ask: () => Promise<string>,
): Promise<Pkcs12Contents> {
  const contents = openPkcs12(file, '', path) ?? openPkcs12(file, await ask(), path);
  if (contents === undefined) refuse('sign-key', 'EACCES', `this passphrase does not decrypt ${path}`);
  return contents;
}

/** The DER in a PEM block of a label, or a file that is DER itself. */
function findBlock(file: Uint8Array, wanted: string): Uint8Array | undefined {
  if (!isPem(file)) return file;
  const block = parsePem(file).find(({ label }) => label === wanted);
  return block && decodePemBlock(file, block);
}

function findMlDsaKey(pkcs8: Uint8Array | undefined): MlDsaKey | undefined {
  return pkcs8 && openMlDsaKey(pkcs8);
}

function decryptBlock(file: Uint8Array, passphrase: string, path: string): Uint8Array | undefined {
  const encrypted = findBlock(file, 'ENCRYPTED PRIVATE KEY');
  return encrypted && decryptPkcs8(encrypted, passphrase, path);
}

function openPkcs8(key: Uint8Array): PrivateKey | Error {
  const mlDsa = openMlDsaKey(key);
  if (mlDsa !== undefined) return mlDsa;
  const opened = tryToOpen({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
  return opened === 'encrypted' ? new Error('it is still encrypted') : opened;
}

function requireKey(key: PrivateKey | Error, path: string): PrivateKey {
  if (key instanceof Error)
    refuse('sign-key', 'EINVAL', `${path} contains no readable private key`, { cause: key });
  if ('algorithm' in key) return key;
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
export function requireMatch(key: PrivateKey, certificate: Uint8Array): void {
  let fits: boolean;
  try {
    fits = isOf(key, new X509Certificate(certificate));
  } catch (cause) {
    refuse('sign-key', 'EINVAL', 'the certificate cannot be read', { cause });
  }
  if (!fits) refuse('sign-key', 'EKEYREJECTED', 'the private key does not belong to the certificate');
}

function isKeyOf(key: PrivateKey, der: Uint8Array): boolean {
  const certificate = parseX509(der);
  return certificate !== undefined && isOf(key, certificate);
}

function isOf(key: PrivateKey, certificate: X509Certificate): boolean {
  if (!('algorithm' in key)) return certificate.checkPrivateKey(key);
  const parsed = attempt(() => parseCertificate(new Uint8Array(certificate.raw), nodeHashes));
  if (parsed instanceof KexecError) return false;
  const { algorithm, bytes } = parsed.publicKey;
  return algorithm === key.algorithm && equalBytes(bytes, key.publicKey);
}

/** Signs bytes: ML-DSA, RSA PKCS#1 v1.5, or ECDSA in DER. */
export function signBytes(key: PrivateKey, hash: SigningHash, bytes: Uint8Array): Uint8Array {
  try {
    return 'algorithm' in key ? key.sign(bytes) : sign(hash, bytes, key);
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
