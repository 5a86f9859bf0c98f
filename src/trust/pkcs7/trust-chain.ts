import { attempt, KexecError, refuse } from '../../base/error.js';
import type { Certificate } from '../x509/certificate.js';
import { isSameId } from '../x509/key-id.js';
import { type RawSignature, verifyRawSignature } from '../x509/public-key.js';
import type { ChainLink, VerifiedMessage, VerifiedSigner } from './message-verifier.js';

/** The result for one signer: the key that vouches for it, or why none does. */
type TrustResult = { readonly key: Certificate | undefined } | { readonly errno: 'ENOKEY' | 'ENOPKG' };

/**
 * Looks for a chain from a signer of a verified message to a trusted certificate: kernel function
 * `pkcs7_validate_trust()`.
 *
 * @returns the trusted certificate that the chain leads to; undefined if the chain joins that of an earlier signer
 * @throws KexecError check `trust`: `ENOKEY` if there is no such chain, `EKEYREJECTED` if the trusted key did not make the
 *   signature below it, `ENOPKG` if all signers use unsupported algorithms.
 */
export function validateTrust(
  message: VerifiedMessage,
  trusted: readonly Certificate[],
): Certificate | undefined {
  for (const link of message.links) link.seen = false;
  const results = message.signers.map((signer) => validateSigner(signer, trusted));
  const found = results.find((result) => 'key' in result);
  if (found !== undefined && 'key' in found) return found.key;
  const errno = results.some((result) => 'errno' in result && result.errno === 'ENOPKG')
    ? 'ENOPKG'
    : 'ENOKEY';
  refuse(
    'trust',
    errno,
    trusted.length === 0
      ? 'no trusted certificate was given'
      : `no chain leads to ${trusted.length === 1 ? 'the one trusted certificate' : `one of ${trusted.length} trusted certificates`}`,
  );
}

/**
 * Refuses a message whose chain leads to a revoked certificate: kernel function `is_key_on_revocation_list()`.
 *
 * @throws KexecError check `blacklist`, `EKEYREJECTED`.
 */
export function refuseRevoked(message: VerifiedMessage, revoked: readonly Certificate[]): void {
  const culprit = attempt(() => validateTrust(message, revoked));
  // Any refusal means that no chain leads there, for the kernel too.
  if (culprit instanceof KexecError) return;
  refuse(
    'blacklist',
    'EKEYREJECTED',
    `the chain leads to ${culprit?.subjectText ?? 'a certificate'}, which is revoked`,
  );
}

/** Kernel function `pkcs7_validate_trust_one()`. */
function validateSigner(
  { signer, link: first, digest, unsupported }: VerifiedSigner,
  trusted: readonly Certificate[],
): TrustResult {
  if (unsupported) return { errno: 'ENOPKG' };
  let last: ChainLink | undefined;
  for (let link = first; link !== undefined; link = link.issuer) {
    if (link.seen) return link.verified ? { key: undefined } : { errno: 'ENOKEY' };
    link.seen = true;
    // The embedded certificate is trusted itself: the trusted key must verify what is below it.
    const key = findKey(trusted, link.certificate.id, link.certificate.skid);
    if (typeof key === 'object') {
      requireSignedBy(key, last === undefined ? { signature: signer.signature, digest } : signedPart(last));
      markVerified(first, link);
      return { key };
    }
    if (link.issuer === link) return { errno: 'ENOKEY' };
    last = link;
  }
  if (last !== undefined && (last.certificate.authorityId ?? last.certificate.authoritySkid) !== undefined) {
    const key = findKey(trusted, last.certificate.authorityId, last.certificate.authoritySkid);
    if (typeof key === 'object') {
      requireSignedBy(key, signedPart(last));
      markVerified(first, last);
      return { key };
    }
    refuseUnlessMissing(key, `the issuer of ${last.certificate.subjectText}`);
  }
  const key = findKey(trusted, signer.id, undefined);
  if (typeof key === 'object') {
    requireSignedBy(key, { signature: signer.signature, digest });
    return { key };
  }
  refuseUnlessMissing(key, 'the signer');
  return { errno: 'ENOKEY' };
}

/** A signature, and the digest that it is over. */
interface SignedPart {
  readonly signature: RawSignature;
  readonly digest: Uint8Array | undefined;
}

function signedPart({ certificate: { signature, tbsDigest } }: ChainLink): SignedPart {
  return { signature, digest: tbsDigest };
}

/** The trusted key made the signature: kernel function `verify_signature()`. */
function requireSignedBy(key: Certificate, { signature, digest }: SignedPart): void {
  const refusal = attempt(() => verifyRawSignature(key.publicKey, signature, digest));
  if (refusal instanceof KexecError) {
    const seen = `the trusted key of ${key.subjectText} did not make the signature that names it`;
    refuse('trust', 'EKEYREJECTED', seen, { cause: refusal });
  }
}

/** Marks the links of a chain from its first to its last. */
function markVerified(first: ChainLink | undefined, last: ChainLink): void {
  last.verified = true;
  for (let link = first; link !== undefined && link !== last; link = link.issuer) link.verified = true;
}

/**
 * Finds the trusted certificate that has an identifier, by serial number and issuer or by subject key identifier: kernel
 * function `find_asymmetric_key()`.
 *
 * @param skid - if `id` is given too, the certificate must have this subject key identifier as well
 * @returns the certificate, or the errno of the search
 */
function findKey(
  trusted: readonly Certificate[],
  id: Uint8Array | undefined,
  skid: Uint8Array | undefined,
): Certificate | 'ENOKEY' | 'EKEYREJECTED' | 'EINVAL' {
  const wanted = id ?? skid;
  if (wanted === undefined || wanted.length === 0) return 'EINVAL';
  const key = trusted.find(({ id, skid }) => isSameId(id, wanted) || isSameId(skid, wanted));
  if (key === undefined) return 'ENOKEY';
  return id === undefined || skid === undefined || isSameId(key.skid, skid) ? key : 'EKEYREJECTED';
}

/** Refuses if the search for a chain's last key failed for another reason than that there is none. */
function refuseUnlessMissing(errno: 'ENOKEY' | 'EKEYREJECTED' | 'EINVAL', whose: string): void {
  if (errno === 'ENOKEY') return;
  refuse(
    'trust',
    errno,
    errno === 'EINVAL'
      ? `${whose} is named by an empty identifier`
      : `the trusted certificate with the serial number of ${whose} has another subject key identifier`,
  );
}
