import { BoundedBytes } from '../base/bytes.js';
import { refuse } from '../base/error.js';

/** A value of the extended attribute `security.ima`. */
export type ImaXattr = ImaDigest | ImaSignature | OtherImaXattr;

/** An unsigned digest of the file, which IMA itself writes (types 1 and 4). */
export interface ImaDigest {
  readonly kind: 'digest';
  /** The digest's name in the kernel. */
  readonly hash: string;
  readonly digest: Uint8Array;
}

/** A signature over the file's digest: type 3, version 2. */
export interface ImaSignature {
  readonly kind: 'signature';
  /** The digest's name in the kernel. */
  readonly hash: string;
  /** Names the key: the last four bytes of its subject key identifier, as a number, the first byte highest. */
  readonly keyId: number;
  readonly signature: Uint8Array;
}

/** A value of another type or version. */
export interface OtherImaXattr {
  readonly kind: 'other';
  /** Its description, for messages. */
  readonly name: string;
  readonly type: number;
  /** The second byte; undefined if there is none. */
  readonly version: number | undefined;
}

/** The digests, each at its number in `enum hash_algo` (include/uapi/linux/hash_info.h), under the kernel's names. */
export const IMA_HASHES: readonly string[] = [
  'md4',
  'md5',
  'sha1',
  'rmd160',
  'sha256',
  'sha384',
  'sha512',
  'sha224',
  'rmd128',
  'rmd256',
  'rmd320',
  'wp256',
  'wp384',
  'wp512',
  'tgr128',
  'tgr160',
  'tgr192',
  'sm3',
  'streebog256',
  'streebog512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
];

/** `enum evm_ima_xattr_type` (security/integrity/integrity.h). */
const TYPE = { digest: 1, hmac: 2, signature: 3, digestNg: 4, portableSignature: 5, verity: 6 } as const;

const SIGNATURE_VERSION = 2;

/** `struct signature_v2_hdr`: type, version, digest algorithm, key id, size. */
const HEADER_SIZE = 9;
const SIZE_OFFSET = 7;

const MD5_SIZE = 16;

/**
 * Parses a value of `security.ima`, as `getfattr --only-values -n security.ima` prints it. It verifies nothing.
 *
 * @throws KexecError `ima-xattr`, with the errnos of `xattr_verify()` and `asymmetric_verify()`: ENODATA for an empty
 * value; EBADMSG for a signature of the wrong size, ENOPKG for one with an unknown digest; EINVAL for a malformed
 * digest.
 */
export function parseImaXattr(xattr: Uint8Array): ImaXattr {
  const bytes = new BoundedBytes(xattr, { what: 'security.ima', check: 'ima-xattr', errno: 'EBADMSG' });
  if (xattr.length === 0) refuse('ima-xattr', 'ENODATA', `security.ima is empty`);
  const type = bytes.u8(0);
  const version = xattr[1];
  switch (type) {
    case TYPE.digest:
      return parseOldDigest(xattr.subarray(1));
    case TYPE.digestNg:
      return parseNewDigest(xattr);
    case TYPE.signature:
      return version === SIGNATURE_VERSION
        ? parseSignature(bytes)
        : other(`a signature of version ${version}`);
    case TYPE.hmac:
      return other('an HMAC of EVM');
    case TYPE.portableSignature:
      return other('a portable signature of EVM');
    case TYPE.verity:
      return other('a signature over a digest of fs-verity');
    default:
      return other(`of type ${type}`);
  }

  function other(name: string): OtherImaXattr {
    return { kind: 'other', name, type, version };
  }
}

/**
 * Builds a value of `security.ima` from a signature: 03 02, digest algorithm, key id, size, signature.
 *
 * @param parts.hash - one of {@link IMA_HASHES}
 * @throws KexecError EINVAL, `ima-xattr`: no such digest, or a part that does not fit its field.
 */
export function buildImaXattr(parts: {
  readonly hash: string;
  readonly keyId: number;
  readonly signature: Uint8Array;
}): Uint8Array {
  const { hash, keyId, signature } = parts;
  const algorithm = IMA_HASHES.indexOf(hash);
  if (algorithm < 0) refuse('ima-xattr', 'EINVAL', `security.ima knows no digest ${hash}`);
  if (!Number.isInteger(keyId) || keyId < 0 || keyId > 0xffff_ffff)
    refuse('ima-xattr', 'EINVAL', `security.ima takes no key id ${keyId}`);
  if (signature.length > 0xffff)
    refuse('ima-xattr', 'EINVAL', `security.ima takes no signature of ${signature.length} bytes`);
  const xattr = new Uint8Array(HEADER_SIZE + signature.length);
  const view = new DataView(xattr.buffer);
  xattr.set([TYPE.signature, SIGNATURE_VERSION, algorithm]);
  view.setUint32(3, keyId, false);
  view.setUint16(SIZE_OFFSET, signature.length, false);
  xattr.set(signature, HEADER_SIZE);
  return xattr;
}

/** A key id as the kernel's log prints it. */
export function formatKeyId(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}

/** SHA-1, or MD5, which old kernels padded with zeros to SHA-1's length: `ima_get_hash_algo()`. */
function parseOldDigest(digest: Uint8Array): ImaDigest {
  const isMd5 =
    digest.length === MD5_SIZE ||
    (digest.length === 20 && digest.subarray(MD5_SIZE).every((byte) => byte === 0));
  if (isMd5) return { kind: 'digest', hash: 'md5', digest: digest.subarray(0, MD5_SIZE) };
  if (digest.length !== 20)
    refuse('ima-xattr', 'EINVAL', `security.ima is a digest of ${digest.length} bytes`);
  return { kind: 'digest', hash: 'sha1', digest };
}

function parseNewDigest(xattr: Uint8Array): ImaDigest {
  const hash = xattr[1] === undefined ? undefined : IMA_HASHES[xattr[1]];
  if (hash === undefined)
    return refuse('ima-xattr', 'EINVAL', `security.ima is a digest by algorithm ${xattr[1]}`, { offset: 1 });
  return { kind: 'digest', hash, digest: xattr.subarray(2) };
}

function parseSignature(bytes: BoundedBytes): ImaSignature {
  const size = bytes.length - HEADER_SIZE;
  if (size <= 0) bytes.fail(`a signature of ${bytes.length} bytes, its header included`);
  const stated = bytes.u8(SIZE_OFFSET) * 256 + bytes.u8(SIZE_OFFSET + 1);
  if (stated !== size)
    bytes.fail(`a signature of ${size} bytes whose size field says ${stated}`, SIZE_OFFSET);
  const algorithm = bytes.u8(2);
  const hash = IMA_HASHES[algorithm];
  if (hash === undefined)
    return refuse('ima-xattr', 'ENOPKG', `security.ima is a signature with digest algorithm ${algorithm}`, {
      offset: 2,
    });
  return {
    kind: 'signature',
    hash,
    keyId: bytes.u32be(3),
    signature: bytes.slice(HEADER_SIZE, size, 'the signature'),
  };
}
