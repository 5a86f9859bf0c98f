import { attempt, KexecError, refuse } from '../../base/error.js';
import { nameSigner } from '../name-signer.js';
import { type Certificate, signedPart } from '../x509/certificate.js';
import { isSameId } from '../x509/key-id.js';
import type { RawSignature, SignedBytes } from '../x509/public-key.js';
import type { SignatureChecks } from '../x509/signature-work.js';
import type { ChainLink, VerifiedMessage, VerifiedSigner } from './message-verifier.js';
import { describeMissingTrust, type SearchedKeyring } from './missing-trust.js';

/** The result for one signer: the key that vouches for it, or why none does. */
type TrustResult = { readonly key: Certificate | undefined } | { readonly errno: 'ENOKEY' | 'ENOPKG' };

/**
 * Looks for a chain from a signer of a verified message to a trusted certificate: kernel function
 * `pkcs7_validate_trust()`.
 *
 * @param searched - keyrings, which are searched together
 * @returns the trusted certificate that the chain leads to; undefined if the chain joins that of an earlier signer
 * @throws KexecError check `trust`: `ENOKEY` if there is no such chain, `EKEYREJECTED` if the trusted key did not make
 *   the signature below it, `ENOPKG` if all signers use unsupported algorithms.
 */
export function validateTrust(
  message: VerifiedMessage,
  searched: readonly SearchedKeyring[],
): Certificate | undefined {
  const found = findAnchor(
    message,
    searched.flatMap(({ certificates }) => certificates),
  );
  if ('key' in found) return found.key;
  refuse('trust', found.errno, describeMissingTrust(message, searched));
}

/**
 * Refuses a message whose chain leads to a revoked certificate: kernel function `is_key_on_revocation_list()`.
 *
 * @throws KexecError check `blacklist`, `EKEYREJECTED`.
 */
export function refuseRevoked(message: VerifiedMessage, revoked: readonly Certificate[]): void {
  const found = attempt(() => findAnchor(message, revoked));
  // Any refusal means that no chain leads there, for the kernel too.
  if (found instanceof KexecError || 'errno' in found) return;
  refuse(
    'blacklist',
    'EKEYREJECTED',
    `the chain leads to ${nameSigner(found.key?.subjectText, 'a certificate')}, which is revoked`,
  );
}

function findAnchor(message: VerifiedMessage, trusted: readonly Certificate[]): TrustResult {
  for (const link of message.links) link.seen = false;
  const search = { trusted, checks: message.checks };
  const results = message.signers.map((signer) => validateSigner(signer, search));
  const found = results.find((result) => 'key' in result);
  if (found !== undefined) return found;
  const isUnsupported = results.some((result) => 'errno' in result && result.errno === 'ENOPKG');
  return { errno: isUnsupported ? 'ENOPKG' : 'ENOKEY' };
}

/** Where a trusted key is searched for, and what verifies its signature. */
interface Search {
  readonly trusted: readonly Certificate[];
  readonly checks: SignatureChecks;
}

/** Kernel function `pkcs7_validate_trust_one()`. */
function validateSigner(
  { signer, link: first, signed, unsupported }: VerifiedSigner,
  { trusted, checks }: Search,
): TrustResult {
  if (unsupported) return { errno: 'ENOPKG' };
  const own: Claim = { signature: signer.signature, signed };
  let last: ChainLink | undefined;
  for (let link = first; link !== undefined; link = link.issuer) {
    if (link.seen) return link.verified ? { key: undefined } : { errno: 'ENOKEY' };
    link.seen = true;
    // The embedded certificate is trusted itself: the trusted key must verify what is below it.
    const key = findKey(trusted, link.certificate.id, link.certificate.skid);
    if (typeof key === 'object') {
      requireSignedBy(key, last === undefined ? own : claimOf(last), checks);
      markVerified(first, link);
      return { key };
    }
    if (link.issuer === link) return { errno: 'ENOKEY' };
    last = link;
  }
  if (last !== undefined && (last.certificate.authorityId ?? last.certificate.authoritySkid) !== undefined) {
    const key = findKey(trusted, last.certificate.authorityId, last.certificate.authoritySkid);
    if (typeof key === 'object') {
      requireSignedBy(key, claimOf(last), checks);
      markVerified(first, last);
      return { key };
    }
    refuseUnlessMissing(key, `the issuer of ${last.certificate.subjectText}`);
  }
  const key = findKey(trusted, signer.id, undefined);
  if (typeof key === 'object') {
    requireSignedBy(key, own, checks);
    return { key };
  }
  refuseUnlessMissing(key, 'the signer');
  return { errno: 'ENOKEY' };
}

/** A signature, and what it is over. */
interface Claim {
  readonly signature: RawSignature;
  readonly signed: SignedBytes;
}

function claimOf({ certificate }: ChainLink): Claim {
  return { signature: certificate.signature, signed: signedPart(certificate) };
}

/** The trusted key made the signature: kernel function `verify_signature()`. */
function requireSignedBy(key: Certificate, { signature, signed }: Claim, checks: SignatureChecks): void {
  const refusal = attempt(() => checks.verify(key.publicKey, signature, signed));
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
 * Finds the trusted certificate that has an identifier, by serial number and issuer or by subject key identifier:
 * kernel function `find_asymmetric_key()`.
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
