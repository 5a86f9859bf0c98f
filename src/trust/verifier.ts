import { equalBytes } from '../base/bytes.js';
import type { Check } from '../base/checks.js';
import { attempt, KexecError, refuse } from '../base/error.js';
import { quoteName } from '../base/quote-name.js';
import { Trail } from '../base/trail.js';
import { computeDigest, type Hashes } from './hashes.js';
import type { Keyring, TrustStore } from './keyrings/keyring.js';
import { nameSigner } from './name-signer.js';
import { FileDigests } from './pe/file-digests.js';
import { type IndirectData, parseIndirectData } from './pe/mscode.js';
import type { PeSignature } from './pe/pe-signature.js';
import { type Pefile, parsePefile } from './pe/pefile.js';
import { findRevokedDigest } from './pe/revoked-file.js';
import { describeUncovered } from './pe/uncovered.js';
import type { Pkcs7Message } from './pkcs7/message.js';
import { MessageVerifier, type VerifiedMessage } from './pkcs7/message-verifier.js';
import { describeMissingTrust, listSigners } from './pkcs7/missing-trust.js';
import { parsePkcs7 } from './pkcs7/parse-message.js';
import { refuseRevoked, validateTrust } from './pkcs7/trust-chain.js';
import type { Policy, Verification } from './policy.js';
import { isMlDsa } from './x509/ml-dsa-names.js';
import { SignatureChecks } from './x509/signature-work.js';

/** What a verdict depends on, besides the file. */
export interface VerifierOptions {
  readonly store: TrustStore;
  readonly hashes: Hashes;
  /** `enforce` if left out. */
  readonly policy?: Policy | undefined;
  /** Receives every check; a trail of its own if left out. */
  readonly trail?: Trail | undefined;
  /** The digests of files that no one changes, for several verifiers of one file; those of each call if left out. */
  readonly digests?: FileDigests | undefined;
}

/** The keyrings that the kernel searches together: `.secondary_trusted_keys` links to the others. */
const SECONDARY: readonly Keyring['name'][] = ['builtin', 'secondary', 'machine'];

/** The checks of a message that precede the trail's entry on its digest. */
const MESSAGE_CHECKS: readonly Check[] = [
  'ber',
  'pkcs7-algorithm',
  'pkcs7-attributes',
  'pkcs7-time',
  'pkcs7-chain',
  'certificate',
  'certificate-time',
  'public-key',
  'signature-work',
];

/**
 * Verifies signatures of PE files as the kernel does, with one trust store, one source of digests and one trail.
 *
 * @example
 * ```ts
 * const verifier = new Verifier({ store, hashes: nodeHashes });
 * const { signer, keyring } = verifier.verifyPe(file);
 * ```
 */
export class Verifier {
  readonly policy: Policy;
  readonly trail: Trail;
  readonly #store: TrustStore;
  readonly #hashes: Hashes;
  readonly #messages: MessageVerifier;
  readonly #digests: FileDigests | undefined;
  #signers: readonly string[] = [];

  constructor({ store, hashes, policy = 'enforce', trail = new Trail(), digests }: VerifierOptions) {
    this.policy = policy;
    this.trail = trail;
    this.#store = store;
    this.#hashes = hashes;
    this.#digests = digests;
    this.#messages = new MessageVerifier({ hashes, blacklist: store.blacklist });
  }

  /**
   * Verifies the first signature of a PE file, check by check: kernel function `kexec_kernel_verify_pe_sig()`. It
   * searches the secondary keyring, then, only if no chain leads there, the platform keyring.
   *
   * @throws KexecError with the errno of the kernel
   */
  verifyPe(file: Uint8Array): PeSignature {
    return this.#verify(file, this.#openDigests());
  }

  #openDigests(): FileDigests {
    return this.#digests ?? new FileDigests(this.#hashes);
  }

  #verify(file: Uint8Array, digests: FileDigests): PeSignature {
    this.#signers = [];
    const pefile = parsePefile(file);
    const size = pefile.signature.length;
    this.trail.ok('pe-wrapper', `the first certificate holds a PKCS#7 message of ${size} bytes`, [
      'pe-signed',
    ]);
    const message = this.#parseMessage(pefile.signature);
    const verified = this.#messages.verify(message, message.content?.value ?? new Uint8Array(0));
    this.#signers = listSigners(verified);
    this.trail.ok('pkcs7-digest', describeSigner(message, verified), MESSAGE_CHECKS);
    if (this.#store.knowsMlDsa === undefined && usesMlDsa(message)) {
      this.trail.note('pkcs7-algorithm', 'signed with ML-DSA: Linux before 7.0 refuses it with ENOPKG');
    }
    const { keyring, anchor } = this.#findAnchor(verified);
    this.trail.ok(
      'trust',
      `the chain leads to ${nameSigner(anchor, 'a trusted certificate')} in the ${keyring} keyring`,
      ['blacklist'],
    );
    const content = this.#checkContent({ file, pefile, digests }, message);
    return { signer: signerOf(verified) ?? anchor, anchor, keyring, ...content };
  }

  /** The signers of the file that was verified last, if its message holds in itself; without regard to trust. */
  get signers(): readonly string[] {
    return this.#signers;
  }

  /**
   * Verifies the first signature of a PE file, and looks the file's own digest up in dbx, also of an unsigned file:
   * firmware does that, and the kernel does not for kexec. Under `as-kernel`, a digest in dbx is a note.
   *
   * @throws KexecError as {@link verifyPe}; `EKEYREJECTED`, check `blacklist`, for a digest in dbx.
   */
  verifyForPolicy(file: Uint8Array): PeSignature {
    const digests = this.#openDigests();
    const signature = attempt(() => this.#verify(file, digests));
    const listed = findRevokedDigest(file, this.#store.blacklist.fileHashes, digests);
    if (listed !== undefined) {
      const seen = `the file's digest ${listed} is in dbx, which firmware consults and the kernel does not`;
      if (this.policy !== 'as-kernel') refuse('blacklist', 'EKEYREJECTED', seen);
      this.trail.note('blacklist', seen);
    }
    if (signature instanceof KexecError) throw signature;
    return signature;
  }

  /**
   * Verifies a file once for all machines that it is to be loaded on: whether a signature holds is the same for all,
   * and only what follows from it depends on the machine.
   *
   * @returns the signature, or the refusal of {@link verifyForPolicy}
   */
  verifyOnce(file: Uint8Array): Verification {
    return { file, signature: attempt(() => this.verifyForPolicy(file)) };
  }

  #parseMessage(signature: Uint8Array): Pkcs7Message {
    const message = parsePkcs7(signature, this.#hashes, new SignatureChecks(this.#hashes, this.#store));
    if (message.contentType !== 'msIndirectData') {
      refuse('pkcs7-content', 'EKEYREJECTED', 'the signature is not Authenticode');
    }
    return message;
  }

  /**
   * The trusted certificate that a chain leads to, and its keyring. The kernel searches the secondary keyring, then,
   * only if no chain leads there, the platform keyring; it parses and verifies the message again for that, with the
   * same result.
   */
  #findAnchor(message: VerifiedMessage): Pick<PeSignature, 'anchor' | 'keyring'> {
    const named = (names: readonly Keyring['name'][]) =>
      this.#store.keyrings.filter(
        ({ name, certificates }) => names.includes(name) && certificates.length > 0,
      );
    const [secondary, platform] = [named(SECONDARY), named(['platform'])];
    const anchor = attempt(() => this.#findWithin(message, secondary));
    if (!(anchor instanceof KexecError)) return anchor;
    if (anchor.errno !== 'ENOKEY' || platform.length === 0) throw anchor;
    this.trail.note('trust', `${anchor.seen}; the platform keyring is searched next`);
    const last = attempt(() => this.#findWithin(message, platform));
    if (!(last instanceof KexecError)) return last;
    throw last.errno === 'ENOKEY'
      ? last.with(describeMissingTrust(message, [...secondary, ...platform]))
      : last;
  }

  /** Kernel functions `is_key_on_revocation_list()` and `pkcs7_validate_trust()`. */
  #findWithin(
    message: VerifiedMessage,
    keyrings: readonly Keyring[],
  ): Pick<PeSignature, 'anchor' | 'keyring'> {
    for (const link of message.links) link.verified = false;
    const { blacklist, skipped = [] } = this.#store;
    refuseRevoked(message, [...blacklist.certificates, ...skipped.map(({ certificate }) => certificate)]);
    const anchor = validateTrust(message, keyrings);
    const keyring = keyrings.find(({ certificates }) => anchor && certificates.includes(anchor));
    return { anchor: anchor?.subjectText, keyring: keyring?.name ?? 'builtin' };
  }

  /** The signed digest, which is the file's: kernel functions `mscode_parse()` and `pefile_digest_pe()`. */
  #checkContent(digested: DigestedFile, { content }: Pkcs7Message): IndirectData {
    if (content === undefined) refuse('pkcs7-content', 'ENODATA', 'the signature has no content');
    const data = parseIndirectData(content.whole);
    this.#checkDigest(digested, data);
    this.trail.ok('pe-digest', `the ${data.hash} digest of the file is the signed one`, [
      'pkcs7-content',
      'mscode',
      'pe-contents',
    ]);
    const uncovered = describeUncovered(digested.file, digested.pefile);
    if (uncovered !== undefined) this.trail.note('pe-contents', uncovered);
    return data;
  }

  /** Kernel function `pefile_digest_pe()`. */
  #checkDigest({ file, pefile, digests }: DigestedFile, { hash, digest: signed }: IndirectData): void {
    const size = computeDigest(this.#hashes, hash)?.length;
    if (size === undefined) {
      refuse('pe-digest', 'ENOPKG', `the digest ${hash} is unavailable`);
    }
    if (signed.length !== size) refuse('pe-digest', 'EBADMSG', `a ${hash} digest of ${signed.length} bytes`);
    const digest = digests.compute({ file, layout: pefile }, hash);
    if (digest === undefined || !equalBytes(digest, signed)) {
      refuse(
        'pe-digest',
        'EKEYREJECTED',
        `the ${hash} digest of the file is not the signed one: the file was changed after it was signed`,
      );
    }
  }
}

/** A file whose signature is verified, and the source of its digest. */
interface DigestedFile {
  readonly file: Uint8Array;
  readonly pefile: Pefile;
  readonly digests: FileDigests;
}

function signerOf({ signers }: VerifiedMessage): string | undefined {
  return signers.find(({ link }) => link !== undefined)?.link?.certificate.subjectText;
}

function usesMlDsa({ signers, certificates }: Pkcs7Message): boolean {
  return [...signers, ...certificates].some(({ signature }) => isMlDsa(signature.algorithm));
}

function describeSigner({ certificates }: Pkcs7Message, verified: VerifiedMessage): string {
  const signer = signerOf(verified);
  return signer === undefined
    ? `the signer's certificate is not among the ${certificates.length} embedded ones: a trusted key has to verify`
    : `signed by ${quoteName(signer)}, whose signature holds`;
}
