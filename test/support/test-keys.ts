/**
 * Keys and signatures for tests, with the same bytes on every machine: keys are derived from published strings, RSA
 * signatures (PKCS#1 v1.5) contain nothing random, and ECDSA takes its nonces from RFC 6979. The keys protect nothing.
 */

import {
  checkPrimeSync,
  constants,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  privateEncrypt,
} from 'node:crypto';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import type { MlDsaName } from '../../src/trust/x509/ml-dsa-names.js';
import { bitString, integer, nullValue, octetString, oid, sequence } from './der.js';

/** Digests, by OpenSSL's names, with their object identifiers. */
export const DIGESTS = {
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  'sha3-256': '2.16.840.1.101.3.4.2.8',
  'sha3-384': '2.16.840.1.101.3.4.2.9',
  'sha3-512': '2.16.840.1.101.3.4.2.10',
} as const;

export type Digest = keyof typeof DIGESTS;

/** The object identifiers of signature algorithms in certificates. */
const SIGNATURE_OIDS: Record<'rsa' | 'ecdsa', Record<Digest, string>> = {
  rsa: {
    sha1: '1.2.840.113549.1.1.5',
    sha224: '1.2.840.113549.1.1.14',
    sha256: '1.2.840.113549.1.1.11',
    sha384: '1.2.840.113549.1.1.12',
    sha512: '1.2.840.113549.1.1.13',
    'sha3-256': '2.16.840.1.101.3.4.3.14',
    'sha3-384': '2.16.840.1.101.3.4.3.15',
    'sha3-512': '2.16.840.1.101.3.4.3.16',
  },
  ecdsa: {
    sha1: '1.2.840.10045.4.1',
    sha224: '1.2.840.10045.4.3.1',
    sha256: '1.2.840.10045.4.3.2',
    sha384: '1.2.840.10045.4.3.3',
    sha512: '1.2.840.10045.4.3.4',
    'sha3-256': '2.16.840.1.101.3.4.3.10',
    'sha3-384': '2.16.840.1.101.3.4.3.11',
    'sha3-512': '2.16.840.1.101.3.4.3.12',
  },
};

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** The curves of FIPS 186-4, with the orders of their base points. */
const CURVES = {
  p192: {
    name: 'prime192v1',
    oid: '1.2.840.10045.3.1.1',
    order: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
  },
  p256: {
    name: 'prime256v1',
    oid: '1.2.840.10045.3.1.7',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  p384: {
    name: 'secp384r1',
    oid: '1.3.132.0.34',
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  p521: {
    name: 'secp521r1',
    oid: '1.3.132.0.35',
    order:
      0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
} as const;

export type Curve = keyof typeof CURVES;

/** A private key, and its representations in certificates and signatures. */
export interface TestKey {
  readonly algorithm: 'rsa' | 'ecdsa' | MlDsaName;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
  /** The AlgorithmIdentifier of a certificate's signature. */
  certificateAlgorithm(digest: Digest): Uint8Array;
  /** The AlgorithmIdentifier of a signature in a SignerInfo. */
  messageAlgorithm(digest: Digest): Uint8Array;
  /** Signs bytes. */
  sign(digest: Digest, bytes: Uint8Array): Uint8Array;
}

/** An RSA key, which can also sign other bytes than a digest. */
export interface RsaTestKey extends TestKey {
  /** The size of its modulus in bytes. */
  readonly size: number;
  /** Signs the DER of a DigestInfo, or other bytes, padded by PKCS#1 v1.5. */
  signDigestInfo(digestInfo: Uint8Array): Uint8Array;
  /** Raises a number of the size of the modulus to the private exponent. */
  signBlock(block: Uint8Array): Uint8Array;
}

/** Derives an RSA key from a name. */
export function deriveRsaKey(name: string, bits: number): RsaTestKey {
  const { key, modulus } = rsaPrivateKey(name, bits);
  const signDigestInfo = (digestInfo: Uint8Array) =>
    privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo);
  return {
    algorithm: 'rsa',
    size: bits / 8,
    publicKeyInfo: rsaPublicKeyInfo(sequence(integer(modulus), integer(RSA_EXPONENT))),
    certificateAlgorithm: (digest) => sequence(oid(SIGNATURE_OIDS.rsa[digest]), nullValue()),
    messageAlgorithm: () => sequence(oid(RSA_ENCRYPTION), nullValue()),
    sign: (digest, bytes) =>
      signDigestInfo(sequence(digestAlgorithm(digest), octetString(computeDigest(digest, bytes)))),
    signDigestInfo,
    signBlock: (block) => privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block),
  };
}

/** A SubjectPublicKeyInfo with an RSAPublicKey. */
export function rsaPublicKeyInfo(rsaPublicKey: Uint8Array): Uint8Array {
  return sequence(sequence(oid(RSA_ENCRYPTION), nullValue()), bitString(rsaPublicKey));
}

/** Derives an ECDSA key from a name. */
export function deriveEcKey(name: string, curve: Curve): TestKey {
  const scalar = bytesToInteger(createHash('sha512').update(name).digest());
  return buildEcKey(curve, (scalar % (CURVES[curve].order - 1n)) + 1n);
}

/** The parameter sets of ML-DSA: their object identifiers (RFC 9881, section 2), and the library for them. */
const ML_DSA = {
  mldsa44: { dotted: '2.16.840.1.101.3.4.3.17', library: ml_dsa44 },
  mldsa65: { dotted: '2.16.840.1.101.3.4.3.18', library: ml_dsa65 },
  mldsa87: { dotted: '2.16.840.1.101.3.4.3.19', library: ml_dsa87 },
} as const;

/** An ML-DSA key, with the forms of its private key that files have (RFC 9881, section 6). */
export interface MlDsaTestKey extends TestKey {
  readonly publicKey: Uint8Array;
  readonly seed: Uint8Array;
  readonly expanded: Uint8Array;
}

/** Derives an ML-DSA key from a name. Its signatures are deterministic. */
export function deriveMlDsaKey(name: string, algorithm: MlDsaName): MlDsaTestKey {
  const { library } = ML_DSA[algorithm];
  const seed = new Uint8Array(createHash('sha256').update(name).digest());
  const { publicKey, secretKey } = library.keygen(seed);
  const identifier = () => mlDsaAlgorithm(algorithm);
  return {
    algorithm,
    publicKey,
    seed,
    expanded: secretKey,
    publicKeyInfo: mlDsaPublicKeyInfo(algorithm, publicKey),
    certificateAlgorithm: identifier,
    messageAlgorithm: identifier,
    sign: (_, bytes) => library.sign(new Uint8Array(bytes), secretKey, { extraEntropy: false }),
  };
}

/** The AlgorithmIdentifier of ML-DSA's keys and signatures. */
export function mlDsaAlgorithm(algorithm: MlDsaName): Uint8Array {
  return sequence(oid(ML_DSA[algorithm].dotted));
}

/** A SubjectPublicKeyInfo with an ML-DSA key. */
export function mlDsaPublicKeyInfo(algorithm: MlDsaName, publicKey: Uint8Array): Uint8Array {
  return sequence(mlDsaAlgorithm(algorithm), bitString(publicKey));
}

/** An ECDSA key with a given private scalar. */
export function buildEcKey(curve: Curve, scalar: bigint): TestKey {
  const algorithm = (digest: Digest) => sequence(oid(SIGNATURE_OIDS.ecdsa[digest]));
  return {
    algorithm: 'ecdsa',
    publicKeyInfo: ecPublicKeyInfo(curve, multiplyBase(curve, scalar)),
    certificateAlgorithm: algorithm,
    messageAlgorithm: algorithm,
    sign: (digest, bytes) => {
      const { r, s } = ecdsaSign(curve, scalar, digest, bytes);
      return sequence(integer(r), integer(s));
    },
  };
}

/** A SubjectPublicKeyInfo with a point in the encoding of SEC 1. */
export function ecPublicKeyInfo(curve: Curve, point: Uint8Array): Uint8Array {
  return sequence(sequence(oid(EC_PUBLIC_KEY), oid(CURVES[curve].oid)), bitString(point));
}

export function computeDigest(digest: Digest, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(digest);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The AlgorithmIdentifier of a digest. */
export function digestAlgorithm(digest: Digest): Uint8Array {
  return sequence(oid(DIGESTS[digest]), nullValue());
}

const RSA_EXPONENT = 65537n;

function rsaPrivateKey(name: string, bits: number): { key: KeyObject; modulus: bigint } {
  const p = primeOf(`${name} p`, bits / 2);
  const q = primeOf(`${name} q`, bits / 2);
  const d = invert(RSA_EXPONENT, (p - 1n) * (q - 1n));
  const fields = { n: p * q, e: RSA_EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: invert(q, p) };
  const jwk = Object.entries(fields).map(([field, value]) => [field, toBase64Url(value)]);
  return {
    key: createPrivateKey({ format: 'jwk', key: { kty: 'RSA', ...Object.fromEntries(jwk) } }),
    modulus: fields.n,
  };
}

/** The first prime, from a number derived from a name, that has its two highest bits set and suits the exponent. */
function primeOf(name: string, bits: number): bigint {
  const stream = Array.from({ length: Math.ceil(bits / 256) }, (_, block) =>
    createHash('sha256').update(`${name} ${block}`).digest(),
  );
  const top = 3n << BigInt(bits - 2);
  const start = (bytesToInteger(Buffer.concat(stream)) % (1n << BigInt(bits - 2))) | top | 1n;
  for (let candidate = start; ; candidate += 2n) {
    if (candidate % RSA_EXPONENT !== 1n && checkPrimeSync(candidate, { checks: 2 })) return candidate;
  }
}

/** ECDSA (FIPS 186-4, section 6.4), with the nonce of RFC 6979, section 3.2, by HMAC of the same digest. */
function ecdsaSign(
  curve: Curve,
  scalar: bigint,
  digest: Digest,
  bytes: Uint8Array,
): { r: bigint; s: bigint } {
  const { order } = CURVES[curve];
  const z = leftmostBits(computeDigest(digest, bytes), order) % order;
  for (const k of nonces(digest, order, scalar, z)) {
    const point = multiplyBase(curve, k);
    const r = bytesToInteger(point.subarray(1, (point.length + 1) / 2)) % order;
    const s = (invert(k, order) * (z + r * scalar)) % order;
    if (r !== 0n && s !== 0n) return { r, s };
  }
  throw new Error('unreachable: there are always more nonces');
}

function* nonces(digest: Digest, order: bigint, scalar: bigint, z: bigint): Generator<bigint, void> {
  const size = Math.ceil(bitLength(order) / 8);
  const hmac = (secret: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => {
    const mac = createHmac(digest, secret);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const seed = Buffer.concat([integerToBytes(scalar, size), integerToBytes(z, size)]);
  const length = computeDigest(digest).length;
  let v: Uint8Array = new Uint8Array(length).fill(1);
  let key: Uint8Array = new Uint8Array(length);
  for (const round of [0, 1]) {
    key = hmac(key, v, Uint8Array.of(round), seed);
    v = hmac(key, v);
  }
  for (;;) {
    const parts: Uint8Array[] = [];
    for (let filled = 0; filled < size; filled += length) {
      v = hmac(key, v);
      parts.push(v);
    }
    const k = leftmostBits(Buffer.concat(parts), order);
    if (k > 0n && k < order) yield k;
    key = hmac(key, v, Uint8Array.of(0));
    v = hmac(key, v);
  }
}

/** An uncompressed point: 4, x, y. */
function multiplyBase(curve: Curve, scalar: bigint): Uint8Array {
  const { name, order } = CURVES[curve];
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(integerToBytes(scalar, Math.ceil(bitLength(order) / 8)));
  return ecdh.getPublicKey();
}

/** The leftmost bits, as many as the order has: bits2int() of RFC 6979. */
function leftmostBits(bytes: Uint8Array, order: bigint): bigint {
  const surplus = bytes.length * 8 - bitLength(order);
  return surplus > 0 ? bytesToInteger(bytes) >> BigInt(surplus) : bytesToInteger(bytes);
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

/** The inverse of a number modulo another, by the extended Euclidean algorithm. */
function invert(value: bigint, modulus: bigint): bigint {
  let [r0, r1] = [modulus, value % modulus];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t0 < 0n ? t0 + modulus : t0;
}

function bytesToInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function integerToBytes(value: bigint, size: number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
}

function toBase64Url(value: bigint): string {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').toString('base64url');
}
