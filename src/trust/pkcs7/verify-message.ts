import { toHex } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { digestOf, type Hashes } from '../hashes.js';
import type { Blacklist } from '../keyrings/keyring.js';
import { type Certificate, sameId } from '../x509/certificate.js';
import { verifyRawSignature } from '../x509/public-key.js';
import type { Pkcs7Message, Signer } from './parse-message.js';

/** A certificate of a message, with what the kernel notes on it while it verifies. */
export interface ChainLink {
  readonly certificate: Certificate;
  /** The certificate that signed this one, itself for a root. */
  issuer: ChainLink | undefined;
  seen: boolean;
  verified: boolean;
  blacklisted: boolean;
}

/** A signer, with the same. */
export interface VerifiedSigner {
  readonly signer: Signer;
  /** The signer's own certificate, if it is embedded. */
  readonly link: ChainLink | undefined;
  /** What the signature is over: the digest of the attributes, or of the content where there are none. */
  readonly digest: Uint8Array | undefined;
  readonly blacklisted: boolean;
  /** By algorithms that this source of digests does not have. */
  readonly unsupported: boolean;
}

/** A message whose inner signatures hold: what is left is whether anybody trusts the signers. */
export interface VerifiedMessage {
  readonly signers: readonly VerifiedSigner[];
  readonly links: readonly ChainLink[];
}

/**
 * Verifies a message in itself: the digest of the content is the attributes', the signature is the signer's, and every
 * embedded certificate is signed by the one that it names. Whether anybody is to be trusted is not asked. Kernel
 * function `pkcs7_verify()`.
 *
 * @param content what was signed: the message's own content, or that of a detached signature
 * @throws KexecError `EKEYREJECTED`, `EBADMSG`, `EINVAL`, `ENOPKG`; checks `pkcs7-digest`, `pkcs7-time`,
 *   `pkcs7-chain`, `public-key`, `blacklist`, `pkcs7-algorithm`.
 */
export function verifyMessage(
  message: Pkcs7Message,
  content: Uint8Array,
  blacklist: Blacklist,
  hashes: Hashes,
): VerifiedMessage {
  const links = message.certificates.map(
    (certificate): ChainLink => ({
      certificate,
      issuer: undefined,
      seen: false,
      verified: false,
      blacklisted: isBlacklisted(certificate, blacklist),
    }),
  );
  const signers = message.signers.map((signer) => verifySigner(signer, content, links, hashes));
  if (!signers.some(({ blacklisted, unsupported }) => !blacklisted && !unsupported)) {
    if (signers.some(({ blacklisted }) => blacklisted)) {
      refuse('blacklist', 'EKEYREJECTED', 'the signer is blacklisted');
    }
    refuse('pkcs7-algorithm', 'ENOPKG', 'no signature is by an algorithm that is supported');
  }
  return { signers, links };
}

/** Kernel function `pkcs7_verify_one()`. */
function verifySigner(
  signer: Signer,
  content: Uint8Array,
  links: readonly ChainLink[],
  hashes: Hashes,
): VerifiedSigner {
  const digest = digestFor(signer, content, hashes);
  const link = links.find(({ certificate }) => sameId(certificate.id, signer.id));
  if (digest === undefined) return { signer, link: undefined, digest, blacklisted: false, unsupported: true };
  if (link === undefined) return { signer, link, digest, blacklisted: false, unsupported: false };

  const { validFrom, validTo, publicKey, subjectText } = link.certificate;
  const { signingTime } = signer;
  if (signingTime !== undefined && (signingTime < validFrom || signingTime > validTo)) {
    refuse(
      'pkcs7-time',
      'EKEYREJECTED',
      `signed at ${signingTime}, while ${subjectText} is valid from ${validFrom} to ${validTo} (seconds)`,
    );
  }
  verifyRawSignature(publicKey, signer.signature, digest);
  const blacklisted = verifyChain(link, links);
  return { signer, link, digest, blacklisted, unsupported: false };
}

/**
 * What the signature is over, once the attributes are found to be of this content: kernel function `pkcs7_digest()`.
 * Nothing, if the digest is of a kind that is not to be had.
 */
function digestFor(signer: Signer, content: Uint8Array, hashes: Hashes): Uint8Array | undefined {
  const { attributes, messageDigest, signature } = signer;
  const digest = digestOf(hashes, signature.hash, content);
  if (digest === undefined || attributes === undefined) return digest;
  if (messageDigest?.length !== digest.length) {
    refuse(
      'pkcs7-digest',
      'EBADMSG',
      `a messageDigest of ${messageDigest?.length} bytes where ${signature.hash} has ${digest.length}`,
    );
  }
  if (!sameId(messageDigest, digest)) {
    refuse('pkcs7-digest', 'EKEYREJECTED', 'messageDigest is not the digest of the content');
  }
  // In the message the attributes are tagged [0]; they are signed as the SET that they are (RFC 2315, section 9.3).
  return digestOf(hashes, signature.hash, Uint8Array.of(SET), attributes);
}

const SET = 0x31;

/**
 * Follows the certificates from the signer's up, as far as they are embedded, and verifies each one's signature:
 * kernel function `pkcs7_verify_sig_chain()`.
 *
 * @returns whether one of them is blacklisted
 */
function verifyChain(first: ChainLink, links: readonly ChainLink[]): boolean {
  for (const link of links) link.seen = false;
  for (let link = first; ; ) {
    link.seen = true;
    if (link.blacklisted) {
      for (
        let below: ChainLink | undefined = first;
        below !== undefined && below !== link;
        below = below.issuer
      ) {
        below.blacklisted = true;
      }
      return true;
    }
    const { certificate } = link;
    if (certificate.selfSigned) {
      link.issuer = link;
      return false;
    }
    const issuer = findIssuer(certificate, links);
    if (issuer === undefined || issuer.seen) return false;
    verifyRawSignature(issuer.certificate.publicKey, certificate.signature, certificate.tbsDigest);
    link.issuer = issuer;
    link = issuer;
  }
}

/** The certificate that another names as its issuer, if it is embedded. */
function findIssuer(certificate: Certificate, links: readonly ChainLink[]): ChainLink | undefined {
  const { authorityId, authoritySkid, subjectText } = certificate;
  if (authorityId === undefined) {
    return links.find((link) => sameId(link.certificate.skid, authoritySkid));
  }
  const issuer = links.find((link) => sameId(link.certificate.id, authorityId));
  if (
    issuer !== undefined &&
    authoritySkid !== undefined &&
    !sameId(issuer.certificate.skid, authoritySkid)
  ) {
    refuse(
      'pkcs7-chain',
      'EKEYREJECTED',
      `${subjectText} names an issuer by serial number whose subject key identifier is another`,
    );
  }
  return issuer;
}

/** By the digest of its to-be-signed part: `tbs:` entries of the kernel's blacklist. */
function isBlacklisted({ tbsDigest }: Certificate, { certificateHashes }: Blacklist): boolean {
  if (tbsDigest === undefined) return false;
  return certificateHashes.includes(toHex(tbsDigest));
}
