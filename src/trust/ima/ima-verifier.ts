import { attempt, KexecError, refuse } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import { formatKeyId, type ImaSignature, parseImaXattr } from '../../formats/ima-xattr.js';
import { parseModuleSignature } from '../../formats/module-signature.js';
import { computeDigest, HASH_NAMES, type Hashes, type HashName } from '../hashes.js';
import type { Blacklist } from '../keyrings/keyring.js';
import { nameSigner } from '../name-signer.js';
import type { Pkcs7Message } from '../pkcs7/message.js';
import { MessageVerifier } from '../pkcs7/message-verifier.js';
import { parsePkcs7 } from '../pkcs7/parse-message.js';
import { refuseRevoked, validateTrust } from '../pkcs7/trust-chain.js';
import type { Certificate } from '../x509/certificate.js';
import { isMlDsa } from '../x509/ml-dsa-names.js';
import { findKeyFamily, verifyRawSignature } from '../x509/public-key.js';
import { SignatureChecks } from '../x509/signature-work.js';
import { findByKeyId, type ImaKeyring } from './ima-keyrings.js';
import { refuseOtherXattr } from './refuse-other-xattr.js';

/** What a verdict depends on, besides the file and its signature. */
export interface ImaVerifierOptions {
  /** In the order in which they are searched: `listImaKeyrings()`. */
  readonly keyrings: readonly ImaKeyring[];
  readonly blacklist: Blacklist;
  readonly hashes: Hashes;
  /** False for a kernel before 7.0; true if left out. */
  readonly knowsMlDsa?: boolean | undefined;
  /** Receives the checks of an appended signature; a trail of its own if left out. */
  readonly trail?: Trail | undefined;
}

/** Who signed a file, and over what digest. */
export interface ImaVerdict {
  /** The keyring that has the signer's key, or the key that the signer's chain leads to. */
  readonly keyring: ImaKeyring['name'];
  /** The signer's certificate, or the one that the signer's chain leads to; undefined if neither is known. */
  readonly signer: Certificate | undefined;
  readonly hash: HashName;
  /** The file's digest. */
  readonly digest: Uint8Array;
}

/**
 * Verifies files by the two kinds of signatures that IMA appraises a kernel by.
 *
 * For the system call every refusal is EACCES. The errno of the error is the one inside, which IMA's audit message
 * reports: that of the keyring that was searched last.
 */
export class ImaVerifier {
  readonly #keyrings: readonly ImaKeyring[];
  readonly #blacklist: Blacklist;
  readonly #hashes: Hashes;
  readonly #knowsMlDsa: boolean;
  readonly #trail: Trail;
  readonly #messages: MessageVerifier;

  constructor({ keyrings, blacklist, hashes, knowsMlDsa = true, trail = new Trail() }: ImaVerifierOptions) {
    this.#keyrings = keyrings;
    this.#blacklist = blacklist;
    this.#hashes = hashes;
    this.#knowsMlDsa = knowsMlDsa;
    this.#trail = trail;
    this.#messages = new MessageVerifier({ hashes, blacklist });
  }

  /**
   * Verifies the signature that is appended to a file (`~Module signature appended~`), as IMA does under a policy with
   * `appraise_type=imasig|modsig`: a detached PKCS#7 message over all bytes before it, without authenticated
   * attributes, by a key in one of the keyrings. Kernel functions `ima_read_modsig()`, `integrity_modsig_verify()`.
   *
   * A message with content of its own is refused. Linux 6.12 verifies it over that content, and so accepts it for any
   * file (`ima_collect_modsig()` drops the error of `pkcs7_supply_detached_data()`).
   *
   * @throws KexecError `module-signature` as `parseModuleSignature()`, and `ENODATA` if nothing is appended; otherwise
   *   as `parsePkcs7()`, `MessageVerifier.verify()` and `validateTrust()`.
   */
  verifyAppended(file: Uint8Array): ImaVerdict {
    const appended = parseModuleSignature(file);
    if (appended === undefined) refuse('module-signature', 'ENODATA', 'no signature is appended');
    this.#trail.ok('module-signature', `a PKCS#7 message of ${appended.signature.length} bytes is appended`);
    const message = parsePkcs7(
      appended.signature,
      this.#hashes,
      new SignatureChecks(this.#hashes, { knowsMlDsa: this.#knowsMlDsa }),
    );
    requireDetached(message);
    const failures: KexecError[] = [];
    for (const keyring of this.#keyrings) {
      const verified = this.#messages.verify(message, appended.content);
      const anchor = attempt(() => {
        refuseRevoked(verified, this.#blacklist.certificates);
        return validateTrust(verified, [keyring]);
      });
      if (anchor instanceof KexecError) {
        failures.push(anchor);
        continue;
      }
      this.#trail.ok(
        'trust',
        `the chain leads to ${nameSigner(anchor?.subjectText, 'a trusted certificate')} in the ${keyring.name} keyring`,
      );
      const [first] = verified.signers;
      const hash = first?.signer.signature.hash ?? 'sha256';
      return {
        keyring: keyring.name,
        signer: first?.link?.certificate ?? anchor,
        hash,
        digest: computeDigest(this.#hashes, hash, appended.content) ?? new Uint8Array(0),
      };
    }
    throw failures.at(-1) ?? new KexecError('trust', 'ENOKEY', 'there is no keyring to search');
  }

  /**
   * Verifies a file by its extended attribute `security.ima`, as IMA does under a policy that requires a signature:
   * `appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig`. The signature is over the file's digest, and names its key
   * by four bytes, which are searched for in one keyring after another.
   *
   * @param file - the whole file
   * @param xattr - the attribute's value
   * @throws KexecError `ima-xattr` from `parseImaXattr()`; `ima-signature`: EINVAL if the attribute is no signature
   *   over a file's digest, ENOENT if its digest is unavailable, ENOKEY if no keyring has the key, ENOPKG
   *   for a key of ML-DSA, EAGAIN, ENOTSUPP and
   *   EOPNOTSUPP for other versions; `public-key` if the signature does not hold.
   */
  verifyXattr(file: Uint8Array, xattr: Uint8Array): ImaVerdict {
    const parsed = parseImaXattr(xattr);
    if (parsed.kind === 'digest')
      refuse('ima-signature', 'EINVAL', `security.ima is a ${parsed.hash} digest without a signature`);
    if (parsed.kind === 'other') return refuseOtherXattr(parsed, xattr);

    const hash = HASH_NAMES.find((name) => name === parsed.hash);
    const digest = hash && computeDigest(this.#hashes, hash, file);
    if (hash === undefined || digest === undefined) {
      refuse(
        'ima-signature',
        'ENOENT',
        `security.ima is a signature over a ${parsed.hash} digest, which is unavailable`,
      );
    }
    const failures: KexecError[] = [];
    for (const keyring of this.#keyrings) {
      const signer = attempt(() => verifyWithin(keyring, parsed, hash, digest));
      if (!(signer instanceof KexecError)) {
        return { keyring: keyring.name, signer, hash, digest };
      }
      failures.push(signer);
    }
    throw combine(failures) ?? unknownKey(parsed.keyId, 'no keyring');
  }
}

function requireDetached({ content, contentType, signers }: Pkcs7Message): void {
  if (content !== undefined) refuse('pkcs7-content', 'EBADMSG', 'the signature is not detached');
  if (contentType !== 'data' || signers.some(({ attributes }) => attributes !== undefined)) {
    refuse(
      'pkcs7-content',
      'EKEYREJECTED',
      'an appended signature is over data, without authenticated attributes',
    );
  }
}

/** Kernel function `asymmetric_verify()`. */
function verifyWithin(
  keyring: ImaKeyring,
  { keyId, signature }: ImaSignature,
  hash: HashName,
  digest: Uint8Array,
): Certificate {
  const signer = findByKeyId(keyring, keyId);
  if (signer === undefined) throw unknownKey(keyId, `.${keyring.name}`);
  // Kernel function `asymmetric_verify()` has no branch for it.
  if (isMlDsa(signer.publicKey.algorithm)) {
    refuse('ima-signature', 'ENOPKG', `security.ima: a signature by ${signer.publicKey.algorithm}`);
  }
  // IMA's signatures do not name their algorithm: the key determines it.
  const algorithm = findKeyFamily(signer.publicKey);
  verifyRawSignature(signer.publicKey, { algorithm, hash, bytes: signature }, { parts: [], digest });
  return signer;
}

/** The last refusal, which counts, in the words of all. */
function combine(failures: readonly KexecError[]): KexecError | undefined {
  const last = failures.at(-1);
  if (last === undefined || failures.length === 1) return last;
  return last.with(failures.map(({ seen }) => seen).join('; '));
}

function unknownKey(keyId: number, where: string): KexecError {
  const seen = `security.ima: ${where} has no key with the id ${formatKeyId(keyId)}`;
  return new KexecError('ima-signature', 'ENOKEY', seen);
}
