import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { attempt, KexecError, refuse } from '../../base/error.js';
import {
  type AlgorithmIdentifier,
  parseAlgorithm,
  readSmallNumber,
} from '../../formats/algorithm-identifier.js';
import { INTEGER, OCTET_STRING, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerStep, decodeBer } from '../../formats/ber.js';
import {
  type Encrypted,
  type Pkcs12,
  type Pkcs12Mac,
  parseEncryptedKey,
  parsePkcs12,
  parseSafeContents,
} from '../../formats/pkcs12.js';
import { derivePkcs12Key } from './pkcs12-key.js';

/** More than any tool asks for, and a second of work. */
const MAX_ITERATIONS = 1_000_000;

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The pseudo-random functions of PBKDF2: RFC 8018, appendix B.1. */
const PRFS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/** Ciphers of PBES2, and the bytes of their keys. */
const CIPHERS: Readonly<Record<string, readonly [name: string, keySize: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
};

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const PBE_SHA1_3DES = '1.2.840.113549.1.12.1.3';

/** PKCS#12's own schemes with RC2, as Windows and OpenSSL before 3.0 use them for certificates. */
const RC2_SCHEMES = ['1.2.840.113549.1.12.1.5', '1.2.840.113549.1.12.1.6'];

/** What a PKCS#12 file holds. */
export interface Pkcs12Contents {
  /** PKCS#8 in DER, decrypted. */
  readonly key: Uint8Array | undefined;
  /** In DER. */
  readonly certificates: readonly Uint8Array[];
}

/**
 * Opens a PKCS#12 file: verifies its MAC, and decrypts its key and certificates.
 *
 * @param path - for messages
 * @returns the contents; undefined if the passphrase does not fit
 * @throws KexecError check `ber`; `sign-key`, `EINVAL`, for schemes that are not supported
 */
export function openPkcs12(file: Uint8Array, passphrase: string, path: string): Pkcs12Contents | undefined {
  const { authSafe, mac, safes } = parsePkcs12(file);
  if (mac !== undefined && !hasMac(authSafe, mac, passphrase, path)) return undefined;
  const opened = attempt(() => openSafes(safes, passphrase, path));
  if (!(opened instanceof KexecError)) return opened;
  // Without a MAC, a wrong passphrase shows as wrong padding or as no ASN.1.
  if (mac === undefined && opened.check === 'ber') return undefined;
  throw opened;
}

function openSafes(safes: Pkcs12['safes'], passphrase: string, path: string): Pkcs12Contents {
  const bags = safes.flatMap((safe) =>
    parseSafeContents(safe instanceof Uint8Array ? safe : decrypt(safe, passphrase, path)),
  );
  const certificates = bags.filter(({ kind }) => kind === 'certificate').map(({ bytes }) => bytes);
  const key = bags.find(({ kind }) => kind !== 'certificate');
  if (key?.kind !== 'encrypted-key') return { key: key?.bytes, certificates };
  const decrypted = decrypt(parseEncryptedKey(key.bytes), passphrase, path);
  decodeBer(decrypted, { match: SEQUENCE }, 'PKCS#8 key');
  return { key: decrypted, certificates };
}

/**
 * Decrypts an encrypted PKCS#8 key (RFC 5958, section 3), of a kind that Node's crypto may not have.
 *
 * @throws KexecError as {@link openPkcs12}; check `ber` for a wrong passphrase, too
 */
export function decryptPkcs8(key: Uint8Array, passphrase: string, path: string): Uint8Array {
  return decrypt(parseEncryptedKey(key), passphrase, path);
}

/** RFC 7292, section 5.1. */
function hasMac(content: Uint8Array, mac: Pkcs12Mac, passphrase: string, path: string): boolean {
  const hash = HASHES[mac.hash.oid];
  if (hash === undefined) refuseScheme(path, `its MAC is of kind ${mac.hash.oid}`);
  requireIterations(mac.iterations, path);
  const size = createHash(hash).digest().length;
  const key = derivePkcs12Key({ ...mac, hash, passphrase, purpose: 'mac', size });
  const digest = createHmac(hash, key).update(content).digest();
  return digest.length === mac.digest.length && timingSafeEqual(digest, mac.digest);
}

function decrypt({ algorithm, bytes }: Encrypted, passphrase: string, path: string): Uint8Array {
  const { oid, parameters } = algorithm;
  if (RC2_SCHEMES.includes(oid)) refuseScheme(path, 'its certificates are encrypted by RC2');
  if (oid === PBES2) return decryptPbes2(bytes, parameters, passphrase, path);
  if (oid !== PBE_SHA1_3DES) refuseScheme(path, `it is encrypted by ${oid}`);
  const { salt, iterations } = parseSaltAndIterations(parameters);
  requireIterations(iterations, path);
  const derived = { hash: 'sha1', passphrase, salt, iterations };
  const key = derivePkcs12Key({ ...derived, purpose: 'key', size: 24 });
  const iv = derivePkcs12Key({ ...derived, purpose: 'iv', size: 8 });
  return decipher('des-ede3-cbc', { key, iv }, bytes);
}

/** RFC 8018, section 6.2. */
function decryptPbes2(
  bytes: Uint8Array,
  parameters: Uint8Array,
  passphrase: string,
  path: string,
): Uint8Array {
  const parts: Uint8Array[] = [];
  const part: BerStep = { match: SEQUENCE, note: ({ whole }) => parts.push(whole) };
  decodeBer(parameters, { match: SEQUENCE, body: [part, part] }, 'PBES2');
  const [derivation, encryption] = parts.map(parseAlgorithm) as [AlgorithmIdentifier, AlgorithmIdentifier];
  const [cipher, size] = CIPHERS[encryption.oid] ?? [];
  if (derivation.oid !== PBKDF2) refuseScheme(path, `its key is derived by ${derivation.oid}`);
  if (cipher === undefined || size === undefined) refuseScheme(path, `it is encrypted by ${encryption.oid}`);
  const { salt, iterations, prf } = parseSaltAndIterations(derivation.parameters);
  const hash = prf === undefined ? 'sha1' : PRFS[prf];
  if (hash === undefined) refuseScheme(path, `its key is derived by ${prf}`);
  requireIterations(iterations, path);
  let iv: Uint8Array = new Uint8Array(0);
  decodeBer(encryption.parameters, { match: OCTET_STRING, note: ({ value }) => (iv = value) }, 'PBES2');
  return decipher(cipher, { key: pbkdf2Sync(passphrase, salt, iterations, size, hash), iv }, bytes);
}

/** PBKDF2-params, and the parameters of PKCS#12's own schemes, which are its first two fields. */
function parseSaltAndIterations(parameters: Uint8Array) {
  let salt: Uint8Array = new Uint8Array(0);
  let iterations = 0;
  let prf: string | undefined;
  const body: BerStep[] = [
    { match: OCTET_STRING, note: ({ value }) => (salt = value) },
    { match: INTEGER, note: ({ value }) => (iterations = readSmallNumber(value)) },
    { match: INTEGER, optional: true },
    { match: SEQUENCE, optional: true, note: ({ whole }) => (prf = parseAlgorithm(whole).oid) },
  ];
  decodeBer(parameters, { match: SEQUENCE, body }, 'PBES2');
  return { salt, iterations, prf };
}

function decipher(
  name: string,
  { key, iv }: { readonly key: Uint8Array; readonly iv: Uint8Array },
  bytes: Uint8Array,
): Uint8Array {
  try {
    const cipher = createDecipheriv(name, key, iv);
    return Buffer.concat([cipher.update(bytes), cipher.final()]);
  } catch (cause) {
    refuse('ber', 'EBADMSG', 'PKCS#12 file: it cannot be decrypted', { cause });
  }
}

function requireIterations(iterations: number, path: string): void {
  if (iterations > MAX_ITERATIONS) refuseScheme(path, `its key is derived in ${iterations} steps`);
}

function refuseScheme(path: string, why: string): never {
  refuse('sign-key', 'EINVAL', `${path} is a PKCS#12 file that cannot be opened here: ${why}`, {
    cure: `convert it to PEM: openssl pkcs12 -legacy -in ${path} -out key.pem (then --key key.pem --cert key.pem)`,
  });
}
