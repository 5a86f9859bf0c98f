import { KexecError, refuse } from '../../base/error.js';
import type { Certificate } from '../x509/certificate.js';
import { isSameId } from '../x509/key-id.js';
import { type RawSignature, verifyRawSignature } from '../x509/public-key.js';
import type { ChainLink, VerifiedMessage, VerifiedSigner } from './message-verifier.js';

/** What came of one signer: the key that vouches for it, or why none does. */
type TrustResult = { readonly key: Certificate | undefined } | { readonly errno: 'ENOKEY' | 'ENOPKG' };

/**
 * Asks whether a chain of a verified message leads to one of the trusted certificates: kernel function
 * `pkcs7_validate_trust()`.
 *
 * @returns the trusted certificate that the chain leads to; nothing if it was met before, for an earlier signer
 * @throws KexecError check `trust`: `ENOKEY` if no chain does, `EKEYREJECTED` if one does that the trusted key did not
 *   sign, `ENOPKG` if the only ones are by algorithms that are not supported.
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
      ? 'nobody is trusted: there is no certificate to lead to'
      : `no chain leads to ${trusted.length === 1 ? 'the one trusted certificate' : `one of ${trusted.length} trusted certificates`}`,
  );
}

/**
 * Refuses a message whose chain leads to a revoked certificate: they vouch for what must not load. Kernel function
 * `is_key_on_revocation_list()`.
 *
 * @throws KexecError check `blacklist`, `EKEYREJECTED`.
 */
export function refuseRevoked(message: VerifiedMessage, revoked: readonly Certificate[]): void {
  let culprit: Certificate | undefined;
  try {
    culprit = validateTrust(message, revoked);
  } catch (error) {
    // No chain leads there: any other outcome of the search is none for the kernel, either.
    if (error instanceof KexecError) return;
    throw error;
  }
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
    // An embedded certificate that is trusted itself: the trusted key has to verify the one below it.
    const key = findKey(trusted, link.certificate.id, link.certificate.skid);
    if (typeof key === 'object') {
      const below =
        last === undefined ? { signature: signer.signature, digest } : ownSignature(last.certificate);
      return matched(key, below.signature, below.digest, first, link);
    }
    if (link.issuer === link) return { errno: 'ENOKEY' };
    last = link;
  }
  if (last !== undefined && (last.certificate.authorityId ?? last.certificate.authoritySkid) !== undefined) {
    const key = findKey(trusted, last.certificate.authorityId, last.certificate.authoritySkid);
    const { signature, digest: tbsDigest } = ownSignature(last.certificate);
    if (typeof key === 'object') return matched(key, signature, tbsDigest, first, last);
    refuseUnlessMissing(key, `the issuer of ${last.certificate.subjectText}`);
  }
  const key = findKey(trusted, signer.id, undefined);
  if (typeof key === 'object') return matched(key, signer.signature, digest, undefined, undefined);
  refuseUnlessMissing(key, 'the signer');
  return { errno: 'ENOKEY' };
}

function ownSignature({ signature, tbsDigest }: Certificate): {
  signature: RawSignature;
  digest: Uint8Array | undefined;
} {
  return { signature, digest: tbsDigest };
}

function matched(
  key: Certificate,
  signature: RawSignature,
  digest: Uint8Array | undefined,
  first: ChainLink | undefined,
  last: ChainLink | undefined,
): TrustResult {
  try {
    verifyRawSignature(key.publicKey, signature, digest);
  } catch (cause) {
    refuse(
      'trust',
      'EKEYREJECTED',
      `the trusted key of ${key.subjectText} did not make the signature that names it`,
      { cause },
    );
  }
  if (last !== undefined) {
    last.verified = true;
    for (let link = first; link !== undefined && link !== last; link = link.issuer) link.verified = true;
  }
  return { key };
}

/**
 * The trusted certificate with an identifier, as its serial number and issuer or as its subject key identifier; if a
 * second one is given, that must be its subject key identifier, too. Kernel function `find_asymmetric_key()`.
 *
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

/** What a search for the last in a chain may not end with, if it does not end with a key. */
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
