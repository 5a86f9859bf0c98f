import { equalBytes, toHex } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { SET } from '../../formats/asn1-tags.js';
import { computeDigest, type Hashes } from '../hashes.js';
import type { Blacklist } from '../keyrings/keyring.js';
import type { Certificate } from '../x509/certificate.js';
import { isSameId } from '../x509/key-id.js';
import { verifyRawSignature } from '../x509/public-key.js';
import type { Pkcs7Message, Signer } from './message.js';

/** An embedded certificate, with the marks that the kernel sets on it while it verifies. */
export interface ChainLink {
  readonly certificate: Certificate;
  /** The certificate that signed this one; itself for a root. */
  issuer: ChainLink | undefined;
  seen: boolean;
  verified: boolean;
  blacklisted: boolean;
}

/** A signer whose signature holds, or is by unsupported algorithms. */
export interface VerifiedSigner {
  readonly signer: Signer;
  /** The signer's own certificate, if it is embedded. */
  readonly link: ChainLink | undefined;
  /** The digest that is signed: of the attributes, or of the content if there are none. */
  readonly digest: Uint8Array | undefined;
  readonly blacklisted: boolean;
  /** The source of digests does not have this signer's. */
  readonly unsupported: boolean;
}

/** A message whose inner signatures hold. Whether its signers are trusted is the next question: `validateTrust()`. */
export interface VerifiedMessage {
  readonly signers: readonly VerifiedSigner[];
  readonly links: readonly ChainLink[];
}

/** Verifies messages with one source of digests and one blacklist. */
export class MessageVerifier {
  readonly #hashes: Hashes;
  readonly #blacklist: Blacklist;

  constructor({ hashes, blacklist }: { readonly hashes: Hashes; readonly blacklist: Blacklist }) {
    this.#hashes = hashes;
    this.#blacklist = blacklist;
  }

  /**
   * Verifies a message in itself: kernel function `pkcs7_verify()`. The attributes hold the digest of the content, the
   * signer made the signature, and every embedded certificate is signed by the issuer that it names. Whether a signer is
   * trusted is not checked.
   *
   * @param content - what was signed: the message's own content, or that of a detached signature
   * @throws KexecError `EKEYREJECTED`, `EBADMSG`, `EINVAL`, `ENOPKG`; checks `pkcs7-digest`, `pkcs7-time`,
   *   `pkcs7-chain`, `public-key`, `blacklist`, `pkcs7-algorithm`.
   */
  verify(message: Pkcs7Message, content: Uint8Array): VerifiedMessage {
    const links = message.certificates.map((certificate) => this.#linkOf(certificate));
    const signers = message.signers.map((signer) => this.#verifySigner(signer, content, links));
    if (!signers.some(({ blacklisted, unsupported }) => !blacklisted && !unsupported)) {
      if (signers.some(({ blacklisted }) => blacklisted)) {
        refuse('blacklist', 'EKEYREJECTED', 'the signer is blacklisted');
      }
      refuse('pkcs7-algorithm', 'ENOPKG', 'no signature uses a supported algorithm');
    }
    return { signers, links };
  }

  #linkOf(certificate: Certificate): ChainLink {
    const { tbsDigest } = certificate;
    // The kernel's blacklist has certificates by the digest of their signed part: its `tbs:` entries.
    const blacklisted =
      tbsDigest !== undefined && this.#blacklist.certificateHashes.includes(toHex(tbsDigest));
    return { certificate, issuer: undefined, seen: false, verified: false, blacklisted };
  }

  /** Kernel function `pkcs7_verify_one()`. */
  #verifySigner(signer: Signer, content: Uint8Array, links: readonly ChainLink[]): VerifiedSigner {
    const digest = this.#digestFor(signer, content);
    const link = links.find(({ certificate }) => isSameId(certificate.id, signer.id));
    if (digest === undefined)
      return { signer, link: undefined, digest, blacklisted: false, unsupported: true };
    if (link === undefined) return { signer, link, digest, blacklisted: false, unsupported: false };

    requireSigningTime(signer, link.certificate);
    verifyRawSignature(link.certificate.publicKey, signer.signature, digest);
    const blacklisted = verifyChain(link, links);
    return { signer, link, digest, blacklisted, unsupported: false };
  }

  /**
   * The digest that the signature is over, once the attributes are known to be of this content: kernel function
   * `pkcs7_digest()`.
   *
   * @returns undefined if this source has no digests of this kind
   */
  #digestFor({ attributes, messageDigest, signature }: Signer, content: Uint8Array): Uint8Array | undefined {
    const digest = computeDigest(this.#hashes, signature.hash, content);
    if (digest === undefined || attributes === undefined) return digest;
    if (messageDigest?.length !== digest.length) {
      refuse(
        'pkcs7-digest',
        'EBADMSG',
        `a messageDigest of ${messageDigest?.length} bytes where ${signature.hash} has ${digest.length}`,
      );
    }
    if (!equalBytes(messageDigest, digest)) {
      refuse('pkcs7-digest', 'EKEYREJECTED', 'messageDigest is not the digest of the content');
    }
    // The message tags the attributes [0]; they are signed as the SET that they are (RFC 2315, section 9.3).
    return computeDigest(this.#hashes, signature.hash, Uint8Array.of(SET), attributes);
  }
}

/** A signing time, where there is one, lies within the certificate's validity. */
function requireSigningTime({ signingTime }: Signer, { validFrom, validTo, subjectText }: Certificate): void {
  if (signingTime === undefined || (signingTime >= validFrom && signingTime <= validTo)) return;
  refuse(
    'pkcs7-time',
    'EKEYREJECTED',
    `signed at ${signingTime}, while ${subjectText} is valid from ${validFrom} to ${validTo} (seconds)`,
  );
}

/**
 * Follows the embedded certificates from the signer's upwards, and verifies the signature of each: kernel function
 * `pkcs7_verify_sig_chain()`.
 *
 * @returns whether one of them is blacklisted
 */
function verifyChain(first: ChainLink, links: readonly ChainLink[]): boolean {
  for (const link of links) link.seen = false;
  for (let link = first; ; ) {
    link.seen = true;
    if (link.blacklisted) {
      for (let below: ChainLink | undefined = first; below && below !== link; below = below.issuer) {
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

/** The embedded certificate that another one names as its issuer. */
function findIssuer(certificate: Certificate, links: readonly ChainLink[]): ChainLink | undefined {
  const { authorityId, authoritySkid, subjectText } = certificate;
  if (authorityId === undefined) {
    return links.find((link) => isSameId(link.certificate.skid, authoritySkid));
  }
  const issuer = links.find((link) => isSameId(link.certificate.id, authorityId));
  if (
    issuer !== undefined &&
    authoritySkid !== undefined &&
    !isSameId(issuer.certificate.skid, authoritySkid)
  ) {
    refuse(
      'pkcs7-chain',
      'EKEYREJECTED',
      `${subjectText} names its issuer by a serial number and a subject key identifier of different certificates`,
    );
  }
  return issuer;
}
