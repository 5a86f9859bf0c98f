import { KexecError, refuse } from '../../base/error.js';
import {
  formatKeyId,
  type ImaSignature,
  type OtherImaXattr,
  parseImaXattr,
} from '../../formats/ima-xattr.js';
import { digestOf, type Hashes, type HashName } from '../hashes.js';
import type { Keyring } from '../keyrings/keyring.js';
import type { LoadedTrustStore } from '../keyrings/trust-store.js';
import { type Certificate, sameId } from '../x509/certificate.js';
import { type RawSignature, verifyRawSignature } from '../x509/public-key.js';

/** A keyring that IMA asks, under the name that it has in messages. */
export interface ImaKeyring {
  readonly name: Keyring['name'] | 'ima';
  readonly certificates: readonly Certificate[];
}

/** Whose signature a file has in `security.ima`. */
export interface ImaVerdict {
  readonly keyring: ImaKeyring['name'];
  readonly signer: Certificate;
  readonly hash: HashName;
  /** The file's digest. */
  readonly digest: Uint8Array;
}

/** Those of IMA's digests that a source of digests may have. */
const HASHES = [
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'sm3',
  'streebog256',
  'streebog512',
] as const satisfies readonly HashName[];

/** A version 1 signature: its header (`struct signature_hdr`) and at least the two bytes of one number's length. */
const SHORTEST_OLD_SIGNATURE = 18;
const OLD_ALGORITHM_OFFSET = 6;
const OLD_RSA = 0;

/**
 * The keyrings that IMA asks about a kernel, in its order: `.ima`, then `.platform` if there is anything in it.
 *
 * A kernel has its module signing key in `.ima`, and what was added later: certificates for digital signatures that a
 * builtin key vouches for (`restrict_link_to_ima()`). Where no certificate was put there by name, all of builtin,
 * secondary and machine are taken to be there.
 */
export function imaKeyrings(store: LoadedTrustStore): ImaKeyring[] {
  const named = (...names: readonly Keyring['name'][]) =>
    store.keyrings.filter(({ name }) => names.includes(name)).flatMap(({ certificates }) => certificates);
  const ima = store.ima.length > 0 ? store.ima : named('builtin', 'secondary', 'machine');
  const platform = named('platform');
  return [
    { name: 'ima', certificates: ima },
    ...(platform.length > 0 ? [{ name: 'platform' as const, certificates: platform }] : []),
  ];
}

/**
 * Verifies a file by its extended attribute `security.ima` as IMA's appraisal of a kernel does under a policy that asks
 * for a signature: `appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig`. The signature is over the file's digest, by
 * the key that it names with four bytes, which is searched in one keyring after another.
 *
 * For the system call every refusal is EACCES; the errno of the error is the one inside, of which IMA's audit message
 * tells: that of the keyring asked last.
 *
 * @param file - the whole file
 * @param xattr - the attribute's value
 * @param keyrings - in the order in which they are asked: {@link imaKeyrings}
 * @throws KexecError `ima-xattr` from {@link parseImaXattr}; `ima-signature`: EINVAL if the attribute is no signature
 * over a file's digest, ENOENT if its digest is not to be had, ENOKEY if no keyring has the key, EAGAIN, ENOTSUPP and
 * EOPNOTSUPP for other versions; `public-key` if the signature does not hold.
 */
export function verifyImaXattr(
  file: Uint8Array,
  xattr: Uint8Array,
  keyrings: readonly ImaKeyring[],
  hashes: Hashes,
): ImaVerdict {
  const parsed = parseImaXattr(xattr);
  if (parsed.kind === 'digest')
    refuse('ima-signature', 'EINVAL', `security.ima is a ${parsed.hash} digest without a signature`);
  if (parsed.kind === 'other') return refuseOther(parsed, xattr);

  const hash = HASHES.find((name) => name === parsed.hash);
  const digest = hash === undefined ? undefined : digestOf(hashes, hash, file);
  if (hash === undefined || digest === undefined) {
    return refuse(
      'ima-signature',
      'ENOENT',
      `security.ima is a signature over a ${parsed.hash} digest, which is not to be had`,
    );
  }
  const failures: KexecError[] = [];
  for (const keyring of keyrings) {
    try {
      const signer = verifyWithin(keyring, parsed, hash, digest);
      return { keyring: keyring.name, signer, hash, digest };
    } catch (cause) {
      if (!(cause instanceof KexecError)) throw cause;
      failures.push(cause);
    }
  }
  throw lastOf(failures) ?? unknownKey(parsed.keyId, 'no keyring');
}

/** The last refusal, which counts, in the words of all. */
function lastOf(failures: readonly KexecError[]): KexecError | undefined {
  const last = failures.at(-1);
  if (last === undefined || failures.length === 1) return last;
  return last.with(failures.map((failure) => failure.seen).join('; '));
}

/**
 * The key id that a signature has to name for the kernel to find this certificate: the last four bytes of its subject
 * key identifier, or, without one, of its issuer, with which the kernel's other identifier ends.
 */
export function imaKeyId(certificate: Certificate): number {
  const tail = (certificate.skid ?? certificate.id).subarray(-4);
  return tail.reduce((number, byte) => number * 256 + byte, 0);
}

/** Kernel function `asymmetric_verify()`. */
function verifyWithin(
  { name, certificates }: ImaKeyring,
  { keyId, signature }: ImaSignature,
  hash: HashName,
  digest: Uint8Array,
): Certificate {
  const signer = certificates.find((certificate) => hasKeyId(certificate, keyId));
  if (signer === undefined) throw unknownKey(keyId, `.${name}`);
  verifyRawSignature(signer.publicKey, { algorithm: familyOf(signer), hash, bytes: signature }, digest);
  return signer;
}

/**
 * The kernel compares the end of either identifier (`asymmetric_key_cmp_partial()`), and takes any one of several keys
 * that fit.
 */
function hasKeyId({ id, skid }: Certificate, keyId: number): boolean {
  const wanted = Uint8Array.of(keyId >>> 24, keyId >>> 16, keyId >>> 8, keyId);
  return [id, skid].some((whole) => sameId(whole?.subarray(-wanted.length), wanted));
}

/** IMA's signatures do not say by which algorithm they are: the key does. */
function familyOf({ publicKey: { algorithm } }: Certificate): RawSignature['algorithm'] {
  return algorithm === 'rsa' || algorithm === 'ecrdsa' ? algorithm : 'ecdsa';
}

/** What `xattr_verify()` and `integrity_digsig_verify()` say of types and versions that are not looked into. */
function refuseOther({ name, type, version }: OtherImaXattr, xattr: Uint8Array): never {
  if (type !== 3 || version === undefined || version >= 3)
    refuse('ima-signature', 'EINVAL', `security.ima is ${name}`);
  if (version !== 1) refuse('ima-signature', 'EOPNOTSUPP', `security.ima is ${name}`);
  // Version 1: an RSA key by itself, of 64 bits of name, which no certificate gives (`digsig_verify()`).
  if (xattr.length - 1 < SHORTEST_OLD_SIGNATURE)
    refuse('ima-signature', 'EINVAL', `security.ima is ${name}, too short for one`);
  if (xattr[OLD_ALGORITHM_OFFSET] !== OLD_RSA)
    refuse('ima-signature', 'ENOTSUPP', `security.ima is ${name}, not by RSA`);
  return refuse('ima-signature', 'EAGAIN', `security.ima is ${name}, whose key cannot be in a certificate`);
}

function unknownKey(keyId: number, where: string): KexecError {
  const seen = `security.ima: ${where} has no key with the id ${formatKeyId(keyId)}`;
  return new KexecError('ima-signature', 'ENOKEY', seen);
}
