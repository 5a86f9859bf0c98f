import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { quoteName } from '../../base/quote-name.js';
import { SET } from '../../formats/asn1-tags.js';
import { computeDigest, type Hashes, type HashName } from '../hashes.js';
import { CertificateBlacklist } from '../keyrings/certificate-blacklist.js';
import type { Blacklist } from '../keyrings/keyring.js';
import { type Certificate, signedPart } from '../x509/certificate.js';
import { formatSeconds } from '../x509/der-time.js';
import { isSameId } from '../x509/key-id.js';
import type { SignedBytes } from '../x509/public-key.js';
import type { SignatureChecks } from '../x509/signature-work.js';
import { LinkIndex } from './link-index.js';
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
  /** What is signed: the attributes, or the content if there are none. */
  readonly signed: SignedBytes;
  readonly blacklisted: boolean;
  /** The source of digests does not have this signer's. */
  readonly unsupported: boolean;
}

/** A message whose inner signatures hold. Whether its signers are trusted is the next question: `validateTrust()`. */
export interface VerifiedMessage {
  readonly signers: readonly VerifiedSigner[];
  readonly links: readonly ChainLink[];
  readonly checks: SignatureChecks;
}

/** Verifies messages with one source of digests and one blacklist. */
export class MessageVerifier {
  readonly #hashes: Hashes;
  readonly #blacklist: CertificateBlacklist;

  constructor({ hashes, blacklist }: { readonly hashes: Hashes; readonly blacklist: Blacklist }) {
    this.#hashes = hashes;
    this.#blacklist = new CertificateBlacklist(blacklist, hashes);
  }

  /**
   * Verifies a message in itself: kernel function `pkcs7_verify()`. The attributes hold the digest of the content, the
   * signer made the signature, and every embedded certificate is signed by the issuer that it names. Whether a signer
   * is trusted is not checked.
   *
   * @param content - what was signed: the message's own content, or that of a detached signature
   * @throws KexecError `EKEYREJECTED`, `EBADMSG`, `EINVAL`, `ENOPKG`; checks `pkcs7-digest`, `pkcs7-time`,
   *   `pkcs7-chain`, `public-key`, `blacklist`, `pkcs7-algorithm`, `signature-work`.
   */
  verify(message: Pkcs7Message, content: Uint8Array): VerifiedMessage {
    const { checks } = message;
    const links = message.certificates.map((certificate) => this.#linkOf(certificate));
    const chains = new ChainVerifier(links, checks);
    const digestContent = rememberDigests(content, this.#hashes);
    const signers = message.signers.map((signer) => this.#verifySigner(signer, digestContent, chains));
    if (!signers.some(({ blacklisted, unsupported }) => !blacklisted && !unsupported)) {
      if (signers.some(({ blacklisted }) => blacklisted)) {
        refuse('blacklist', 'EKEYREJECTED', describeBlacklisted(signers));
      }
      refuse('pkcs7-algorithm', 'ENOPKG', 'no signature uses a supported algorithm');
    }
    return { signers, links, checks };
  }

  #linkOf(certificate: Certificate): ChainLink {
    // The kernel's blacklist has certificates by the digest of their signed part: its `tbs:` entries.
    const blacklisted = this.#blacklist.has(certificate);
    return { certificate, issuer: undefined, seen: false, verified: false, blacklisted };
  }

  /** Kernel function `pkcs7_verify_one()`. */
  #verifySigner(signer: Signer, digestContent: DigestContent, chains: ChainVerifier): VerifiedSigner {
    const signed = this.#findSigned(signer, digestContent);
    if (signed.digest === undefined) {
      return { signer, link: undefined, signed, blacklisted: false, unsupported: true };
    }
    const link = chains.find(signer);
    if (link === undefined) return { signer, link, signed, blacklisted: false, unsupported: false };

    requireSigningTime(signer, link.certificate);
    chains.checks.verify(link.certificate.publicKey, signer.signature, signed);
    return { signer, link, signed, blacklisted: chains.verifyFrom(link), unsupported: false };
  }

  /**
   * What the signature is over, once the attributes are known to be of this content: kernel function `pkcs7_digest()`.
   * Its digest is undefined if this source has no digests of this kind.
   */
  #findSigned(
    { attributes, messageDigest, signature: { hash } }: Signer,
    { content, digest: digestContent }: DigestContent,
  ): SignedBytes {
    const digest = digestContent(hash);
    if (digest === undefined || attributes === undefined) return { parts: [content], digest };
    if (messageDigest?.length !== digest.length) {
      refuse(
        'pkcs7-digest',
        'EBADMSG',
        `a messageDigest of ${messageDigest?.length} bytes where ${hash} has ${digest.length}`,
      );
    }
    if (!equalBytes(messageDigest, digest)) {
      refuse('pkcs7-digest', 'EKEYREJECTED', 'messageDigest is not the digest of the content');
    }
    // The message tags the attributes [0]; they are signed as the SET that they are (RFC 2315, section 9.3).
    const parts = [Uint8Array.of(SET), attributes];
    return { parts, digest: computeDigest(this.#hashes, hash, ...parts) };
  }
}

/** The content of a message, which is digested once for each hash, however many signers there are. */
interface DigestContent {
  readonly content: Uint8Array;
  readonly digest: (hash: HashName) => Uint8Array | undefined;
}

function rememberDigests(content: Uint8Array, hashes: Hashes): DigestContent {
  const known = new Map<HashName, Uint8Array | undefined>();
  return {
    content,
    digest: (hash) => {
      if (!known.has(hash)) known.set(hash, computeDigest(hashes, hash, content));
      return known.get(hash);
    },
  };
}

/** Names the certificate that the blacklist has: the signer's, or one above it. */
function describeBlacklisted(signers: readonly VerifiedSigner[]): string {
  const link = signers.find(({ blacklisted }) => blacklisted)?.link;
  const signer = link?.certificate.subjectText ?? '';
  let listed = link;
  // Every link below a blacklisted one is marked, too.
  while (listed?.issuer?.blacklisted === true && listed.issuer !== listed) listed = listed.issuer;
  const culprit = listed?.certificate.subjectText ?? '';
  return culprit === signer
    ? `signed by ${quoteName(signer)}, whose certificate is revoked`
    : `signed by ${quoteName(signer)}, whose chain leads through ${quoteName(culprit)}, which is revoked`;
}

/** A signing time, where there is one, lies within the certificate's validity. */
function requireSigningTime({ signingTime }: Signer, { validFrom, validTo, subjectText }: Certificate): void {
  if (signingTime === undefined || (signingTime >= validFrom && signingTime <= validTo)) return;
  const [signed, from, to] = [signingTime, validFrom, validTo].map(formatSeconds);
  refuse(
    'pkcs7-time',
    'EKEYREJECTED',
    `signed at ${signed}, while ${subjectText} is valid from ${from} to ${to}`,
  );
}

/** Follows the embedded certificates of one message. */
class ChainVerifier {
  readonly checks: SignatureChecks;
  readonly #links: LinkIndex<ChainLink>;
  readonly #issuers = new Map<ChainLink, ChainLink | undefined>();

  constructor(links: readonly ChainLink[], checks: SignatureChecks) {
    this.#links = new LinkIndex(links);
    this.checks = checks;
  }

  /** The signer's certificate, if it is embedded. */
  find({ id }: Signer): ChainLink | undefined {
    return this.#links.findById(id);
  }

  /**
   * Follows the embedded certificates from a signer's upwards, and verifies the signature of each: kernel function
   * `pkcs7_verify_sig_chain()`.
   *
   * @returns whether one of them is blacklisted
   */
  verifyFrom(first: ChainLink): boolean {
    const seen = new Set<ChainLink>();
    for (let link = first; ; ) {
      seen.add(link);
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
      const issuer = this.#findIssuer(link);
      if (issuer === undefined || seen.has(issuer)) return false;
      this.checks.verify(issuer.certificate.publicKey, certificate.signature, signedPart(certificate));
      link.issuer = issuer;
      link = issuer;
    }
  }

  /** The embedded certificate that another one names as its issuer; it is searched for once. */
  #findIssuer(link: ChainLink): ChainLink | undefined {
    if (!this.#issuers.has(link)) this.#issuers.set(link, findIssuer(link.certificate, this.#links));
    return this.#issuers.get(link);
  }
}

/** The embedded certificate that another one names as its issuer. */
function findIssuer(certificate: Certificate, links: LinkIndex<ChainLink>): ChainLink | undefined {
  const { authorityId, authoritySkid, subjectText } = certificate;
  if (authorityId === undefined) return links.findBySkid(authoritySkid);
  const issuer = links.findById(authorityId);
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
