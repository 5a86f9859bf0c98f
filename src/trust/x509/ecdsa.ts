import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { refuse } from '../../base/error.js';
import { INTEGER, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerNote, type BerStep, decodeBer } from '../../formats/ber.js';
import { type HashName, SHA_NAMES } from '../hashes.js';
import type { CurveName } from './curve-name.js';
import { decodeInteger, WORD_BYTES } from './integers.js';
import { findNistCurve } from './nist-curves.js';

type Curve = WeierstrassPointCons<bigint>;

/** The digests that the kernel accepts with ECDSA: `software_key_determine_akcipher()`. */
const ECDSA_HASHES: readonly HashName[] = SHA_NAMES;

/** The first byte of an uncompressed point: SEC 1, section 2.3.3. */
const UNCOMPRESSED = 4;

/**
 * Verifies ECDSA (FIPS 186-5, section 6.4.2), as `ecdsa_set_pub_key()` and `ecdsa_verify()` do.
 *
 * @param key - an uncompressed point
 * @throws KexecError check `public-key`: `EKEYREJECTED`, `EBADMSG`, `EINVAL`; check `ber`.
 */
export function verifyEcdsa(
  curveName: CurveName,
  key: Uint8Array,
  { hash, bytes }: { readonly hash: HashName; readonly bytes: Uint8Array },
  digest: Uint8Array,
): void {
  if (!ECDSA_HASHES.includes(hash)) refuse('public-key', 'EINVAL', `ECDSA with ${hash}`);
  const curve = findNistCurve(curveName);
  const point = parsePoint(key, curve);
  const words = countWords(curve);
  const { r, s } = parseSignature(bytes, words);
  const { Fn } = curve;
  if (r === 0n || r >= Fn.ORDER || s === 0n || s >= Fn.ORDER) {
    refuse(
      'public-key',
      'EBADMSG',
      'an ECDSA signature whose numbers are 0 or not below the order of the curve',
    );
  }
  // As many leading bytes of the digest as the curve has: no curve here needs single bits cut off.
  const message = Fn.create(decodeInteger(digest.subarray(0, words * WORD_BYTES)));
  const inverse = Fn.inv(s);
  const u1 = Fn.mul(message, inverse);
  const u2 = Fn.mul(r, inverse);
  const sum = curve.BASE.multiplyUnsafe(u1).add(point.multiplyUnsafe(u2));
  if (sum.is0() || Fn.create(sum.toAffine().x) !== r) {
    refuse('public-key', 'EKEYREJECTED', 'the ECDSA signature is of something else');
  }
}

function countWords(curve: Curve): number {
  return Math.ceil(curve.Fp.BYTES / WORD_BYTES);
}

function parsePoint(bytes: Uint8Array, curve: Curve): WeierstrassPoint<bigint> {
  const digits = (bytes.length - 1) / 2;
  if (
    bytes[0] !== UNCOMPRESSED ||
    !Number.isInteger(digits) ||
    Math.ceil(digits / WORD_BYTES) !== countWords(curve)
  ) {
    refuse(
      'public-key',
      'EINVAL',
      `an ECDSA key of ${bytes.length} bytes that is no uncompressed point of its curve`,
    );
  }
  try {
    const x = decodeInteger(bytes.subarray(1, 1 + digits));
    const y = decodeInteger(bytes.subarray(1 + digits));
    const point = curve.fromAffine({ x, y });
    point.assertValidity();
    return point;
  } catch (cause) {
    refuse('public-key', 'EINVAL', 'an ECDSA key that is not on its curve', { cause });
  }
}

function parseSignature(bytes: Uint8Array, words: number): { readonly r: bigint; readonly s: bigint } {
  const numbers: bigint[] = [];
  const size = words * WORD_BYTES;
  const note: BerNote = ({ value }) => {
    const fits = value.length > 0 && (value.length <= size || isPaddedTo(value, size));
    if (!fits) refuse('public-key', 'EINVAL', `an ECDSA signature with a number of ${value.length} bytes`);
    numbers.push(decodeInteger(value));
  };
  const number: BerStep = { match: INTEGER, note };
  decodeBer(bytes, { match: SEQUENCE, body: [number, number] }, 'ECDSA signature');
  const [r = 0n, s = 0n] = numbers;
  return { r, s };
}

/** Whether a number has a zero byte before it, which keeps it from being negative. */
function isPaddedTo(value: Uint8Array, size: number): boolean {
  return value.length === size + 1 && value[0] === 0;
}
