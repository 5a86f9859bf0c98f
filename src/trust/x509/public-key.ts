import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { toHex } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { INTEGER, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerNote, type BerStep, decodeBer } from '../../formats/ber.js';
import type { HashName } from '../hashes.js';
import { type CurveName, nistCurve } from './nist-curves.js';

/** What kind of key it is, by the kernel's names; `ecrdsa` is known by name and not supported here. */
export type KeyAlgorithm =
  | 'rsa'
  | 'ecdsa-nist-p192'
  | 'ecdsa-nist-p256'
  | 'ecdsa-nist-p384'
  | 'ecdsa-nist-p521'
  | 'ecrdsa';

/** A public key as a certificate carries it. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** What is in the BIT STRING: an RSAPublicKey, or an uncompressed point. */
  readonly bytes: Uint8Array;
}

/** What a signature says of itself. */
export interface RawSignature {
  readonly algorithm: 'rsa' | 'ecdsa' | 'ecrdsa';
  readonly hash: HashName;
  readonly bytes: Uint8Array;
}

/**
 * Verifies a signature over a digest: kernel function `public_key_verify_signature()`.
 *
 * @param digest - absent if the digest is of a kind that is not to be had
 * @throws KexecError check `public-key`: `EKEYREJECTED` for a signature that does not match or is of another kind than
 *   the key; `EBADMSG` and `EINVAL` for malformed keys and signatures; `ENOENT` for what the kernel has no code for.
 */
export function verifyRawSignature(
  key: PublicKey,
  signature: RawSignature,
  digest: Uint8Array | undefined,
): void {
  const family = key.algorithm.startsWith('ecdsa') ? 'ecdsa' : key.algorithm;
  if (family !== signature.algorithm) {
    refuse('public-key', 'EKEYREJECTED', `the signature is ${signature.algorithm}, the key ${key.algorithm}`);
  }
  if (family === 'rsa') verifyRsa(key.bytes, signature, digest ?? new Uint8Array(0));
  else if (family === 'ecdsa') verifyEcdsa(key, signature, digest ?? new Uint8Array(0));
  else refuse('public-key', 'ENOENT', `keys of kind ${key.algorithm} are not supported`);
}

/** What stands before the digest in a padded RSA signature: DER of DigestInfo up to it (RFC 8017, section 9.2). */
const DIGEST_INFO: Partial<Record<HashName, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha224: '302d300d06096086480165030402040500041c',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
  'sha3-256': '3031300d060960864801650304020805000420',
  'sha3-384': '3041300d060960864801650304020905000430',
  'sha3-512': '3051300d060960864801650304020a05000440',
};

/** Lengths of the modulus that the kernel takes, in bits. */
const RSA_SIZES = [512, 1024, 1536, 2048, 3072, 4096];

/**
 * The bound of FIPS 186-5, section 5.4, which the kernel has in FIPS mode alone. Dozens of embedded certificates whose
 * exponents are as long as their keys would keep a verifier busy for many seconds.
 */
const EXPONENT_LIMIT = 1n << 256n;

/** RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.2), as `rsa_enc()` and `pkcs1pad_verify()` do it. */
function verifyRsa(bytes: Uint8Array, { bytes: signature, hash }: RawSignature, digest: Uint8Array): void {
  const digestInfo = DIGEST_INFO[hash];
  if (digestInfo === undefined)
    refuse('public-key', 'ENOENT', `RSA signatures with ${hash} are not supported`);
  const { modulus, exponent } = parseRsaKey(bytes);
  const size = sizeInWords(modulus);
  if (!RSA_SIZES.includes(size * 8)) refuse('public-key', 'EINVAL', `an RSA key of ${size * 8} bits`);
  if (digest.length === 0 || signature.length !== size) {
    refuse('public-key', 'EINVAL', `an RSA signature of ${signature.length} bytes with a key of ${size}`);
  }
  if (exponent >= EXPONENT_LIMIT)
    refuse('public-key', 'EINVAL', 'an RSA key whose exponent has more than 256 bits');
  const number = toNumber(signature);
  if (number <= 1n || number >= modulus - 1n)
    refuse('public-key', 'EINVAL', 'an RSA signature that is no residue of its key');

  const padded = toBytes(power(number, exponent, modulus), size);
  if (padded[0] !== 0)
    refuse('public-key', 'EINVAL', 'an RSA signature that no such key made: its first byte is not 0');
  if (padded[1] !== 1) refuse('public-key', 'EBADMSG', 'an RSA signature whose padding is not of type 1');
  let at = 2;
  while (at < size && padded[at] === 0xff) at += 1;
  const prefix = Uint8Array.from(digestInfo.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  if (at < 10 || padded[at] !== 0 || !startsWith(padded.subarray(at + 1), prefix)) {
    refuse('public-key', 'EBADMSG', `an RSA signature that is not padded for ${hash}`);
  }
  if (!equal(padded.subarray(at + 1 + prefix.length), digest)) {
    refuse('public-key', 'EKEYREJECTED', 'the RSA signature is of something else');
  }
}

/** RSAPublicKey (RFC 8017, appendix A.1.1): `rsa_parse_pub_key()`. */
function parseRsaKey(bytes: Uint8Array): { modulus: bigint; exponent: bigint } {
  let modulus = new Uint8Array(0);
  let exponent = modulus;
  const grammar: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: INTEGER,
        note: ({ value }) => {
          if (value.length === 0) refuse('public-key', 'EINVAL', 'an RSA key without a modulus');
          modulus = value as Uint8Array<ArrayBuffer>;
        },
      },
      {
        match: INTEGER,
        note: ({ value }) => {
          if (value.length === 0 || value.length > modulus.length) {
            refuse('public-key', 'EINVAL', `an RSA key with an exponent of ${value.length} bytes`);
          }
          exponent = value as Uint8Array<ArrayBuffer>;
        },
      },
    ],
  };
  decodeBer(bytes, grammar, 'RSA key');
  return { modulus: toNumber(modulus), exponent: toNumber(exponent) };
}

const CURVES: Partial<Record<KeyAlgorithm, CurveName>> = {
  'ecdsa-nist-p192': 'p192',
  'ecdsa-nist-p256': 'p256',
  'ecdsa-nist-p384': 'p384',
  'ecdsa-nist-p521': 'p521',
};
type Curve = WeierstrassPointCons<bigint>;

/** The digests that the kernel lets ECDSA be used with: `software_key_determine_akcipher()`. */
const ECDSA_HASHES: readonly HashName[] = [
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
];

/** ECDSA (FIPS 186-5, section 6.4.2), as `ecdsa_set_pub_key()` and `ecdsa_verify()` do it. */
function verifyEcdsa(key: PublicKey, { hash, bytes }: RawSignature, digest: Uint8Array): void {
  if (!ECDSA_HASHES.includes(hash)) refuse('public-key', 'EINVAL', `ECDSA with ${hash}`);
  const curveName = CURVES[key.algorithm];
  if (curveName === undefined)
    refuse('public-key', 'ENOENT', `keys of kind ${key.algorithm} are not supported`);
  const curve = nistCurve(curveName);
  const point = parsePoint(key.bytes, curve);
  const words = wordsOf(curve);
  const { r, s } = parseEcdsaSignature(bytes, words);
  const { Fn } = curve;
  if (r === 0n || r >= Fn.ORDER || s === 0n || s >= Fn.ORDER) {
    refuse(
      'public-key',
      'EBADMSG',
      'an ECDSA signature whose numbers are 0 or not below the order of the curve',
    );
  }
  // As many leading bytes of the digest as the curve has: no curve here needs single bits cut off.
  const message = Fn.create(toNumber(digest.subarray(0, words * WORD)));
  const inverse = Fn.inv(s);
  const u1 = Fn.mul(message, inverse);
  const u2 = Fn.mul(r, inverse);
  const sum = curve.BASE.multiplyUnsafe(u1).add(point.multiplyUnsafe(u2));
  if (sum.is0() || Fn.create(sum.toAffine().x) !== r) {
    refuse('public-key', 'EKEYREJECTED', 'the ECDSA signature is of something else');
  }
}

/** Bytes in the words that the kernel counts numbers in. */
const WORD = 8;

function wordsOf(curve: Curve): number {
  return Math.ceil(curve.Fp.BYTES / WORD);
}

function parsePoint(bytes: Uint8Array, curve: Curve): WeierstrassPoint<bigint> {
  const digits = (bytes.length - 1) / 2;
  if (bytes[0] !== 4 || !Number.isInteger(digits) || Math.ceil(digits / WORD) !== wordsOf(curve)) {
    refuse(
      'public-key',
      'EINVAL',
      `an ECDSA key of ${bytes.length} bytes that is no uncompressed point of its curve`,
    );
  }
  try {
    const x = toNumber(bytes.subarray(1, 1 + digits));
    const y = toNumber(bytes.subarray(1 + digits));
    const point = curve.fromAffine({ x, y });
    point.assertValidity();
    return point;
  } catch (cause) {
    refuse('public-key', 'EINVAL', 'an ECDSA key that is not on its curve', { cause });
  }
}

function parseEcdsaSignature(bytes: Uint8Array, words: number): { r: bigint; s: bigint } {
  const numbers: bigint[] = [];
  const note: BerNote = ({ value }) => {
    const fits = value.length > 0 && (value.length <= words * WORD || isPaddedTo(value, words * WORD));
    if (!fits) refuse('public-key', 'EINVAL', `an ECDSA signature with a number of ${value.length} bytes`);
    numbers.push(toNumber(value));
  };
  const number: BerStep = { match: INTEGER, note };
  decodeBer(bytes, { match: SEQUENCE, body: [number, number] }, 'ECDSA signature');
  const [r = 0n, s = 0n] = numbers;
  return { r, s };
}

/** Whether a number has one zero byte more than fits, which keeps it from being negative. */
function isPaddedTo(value: Uint8Array, size: number): boolean {
  return value.length === size + 1 && value[0] === 0;
}

function sizeInWords(number: bigint): number {
  return Math.ceil(number.toString(16).length / (2 * WORD)) * WORD;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

function toBytes(number: bigint, length: number): Uint8Array {
  const digits = number.toString(16).padStart(2 * length, '0');
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/** base ** exponent % modulus; nothing here is secret. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return equal(bytes.subarray(0, prefix.length), prefix);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
