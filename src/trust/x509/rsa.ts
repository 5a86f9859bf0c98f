import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { INTEGER, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerStep, decodeBer } from '../../formats/ber.js';
import type { HashName } from '../hashes.js';
import { decodeInteger, encodeFixedInteger, WORD_BYTES } from './integers.js';

/** What precedes the digest in a padded signature: DER of DigestInfo up to it (RFC 8017, section 9.2). */
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

/** Lengths of the modulus that the kernel accepts, in bits. */
const MODULUS_BITS = [512, 1024, 1536, 2048, 3072, 4096];

/**
 * The bound of FIPS 186-5, section 5.4, which the kernel enforces in FIPS mode only. Dozens of embedded certificates
 * with exponents as long as their keys would keep a verifier busy for many seconds.
 */
const EXPONENT_LIMIT = 1n << 256n;

/** Padding is at least 8 bytes long, after the first two: RFC 8017, section 9.2. */
const MIN_PADDING_END = 10;

/** A public key: RFC 8017, appendix A.1.1. */
interface RsaKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

/**
 * Verifies RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.2), as `rsa_enc()` and `pkcs1pad_verify()` do.
 *
 * @param key - RSAPublicKey
 * @throws KexecError check `public-key`: `EKEYREJECTED`, `EBADMSG`, `EINVAL`, `ENOENT`.
 */
export function verifyRsa(
  key: Uint8Array,
  { bytes: signature, hash }: { readonly bytes: Uint8Array; readonly hash: HashName },
  digest: Uint8Array,
): void {
  const digestInfo = DIGEST_INFO[hash];
  if (digestInfo === undefined)
    refuse('public-key', 'ENOENT', `RSA signatures with ${hash} are not supported`);
  const { modulus, exponent } = parseRsaKey(key);
  const size = countBytesInWords(modulus);
  if (!MODULUS_BITS.includes(size * 8)) refuse('public-key', 'EINVAL', `an RSA key of ${size * 8} bits`);
  if (digest.length === 0 || signature.length !== size) {
    refuse('public-key', 'EINVAL', `an RSA signature of ${signature.length} bytes with a key of ${size}`);
  }
  if (exponent >= EXPONENT_LIMIT)
    refuse('public-key', 'EINVAL', 'an RSA key whose exponent has more than 256 bits');
  const number = decodeInteger(signature);
  if (number <= 1n || number >= modulus - 1n)
    refuse('public-key', 'EINVAL', 'an RSA signature that is no residue of its key');

  const padded = encodeFixedInteger(raise(number, exponent, modulus), size);
  const signed = removePadding(padded, digestInfo, hash);
  if (!equalBytes(signed, digest)) {
    refuse('public-key', 'EKEYREJECTED', 'the RSA signature is of something else');
  }
}

/** The digest in a padded signature: kernel function `pkcs1pad_verify_complete()`. */
function removePadding(padded: Uint8Array, digestInfo: string, hash: HashName): Uint8Array {
  if (padded[0] !== 0)
    refuse('public-key', 'EINVAL', 'an RSA signature that no such key made: its first byte is not 0');
  if (padded[1] !== 1) refuse('public-key', 'EBADMSG', 'an RSA signature whose padding is not of type 1');
  let at = 2;
  while (at < padded.length && padded[at] === 0xff) at += 1;
  const prefix = Uint8Array.from(digestInfo.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  const prefixEnd = at + 1 + prefix.length;
  if (at < MIN_PADDING_END || padded[at] !== 0 || !equalBytes(padded.subarray(at + 1, prefixEnd), prefix)) {
    refuse('public-key', 'EBADMSG', `an RSA signature that is not padded for ${hash}`);
  }
  return padded.subarray(prefixEnd);
}

/** Kernel function `rsa_parse_pub_key()`. */
function parseRsaKey(bytes: Uint8Array): RsaKey {
  let modulus: Uint8Array = new Uint8Array(0);
  let exponent: Uint8Array = modulus;
  const grammar: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: INTEGER,
        note: ({ value }) => {
          if (value.length === 0) refuse('public-key', 'EINVAL', 'an RSA key without a modulus');
          modulus = value;
        },
      },
      {
        match: INTEGER,
        note: ({ value }) => {
          if (value.length === 0 || value.length > modulus.length) {
            refuse('public-key', 'EINVAL', `an RSA key with an exponent of ${value.length} bytes`);
          }
          exponent = value;
        },
      },
    ],
  };
  decodeBer(bytes, grammar, 'RSA key');
  return { modulus: decodeInteger(modulus), exponent: decodeInteger(exponent) };
}

function countBytesInWords(number: bigint): number {
  return Math.ceil(number.toString(16).length / (2 * WORD_BYTES)) * WORD_BYTES;
}

/** base ** exponent % modulus; nothing here is secret. */
function raise(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
