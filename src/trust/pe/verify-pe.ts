import type { Check } from '../../base/checks.js';
import { KexecError, refuse } from '../../base/error.js';
import type { Trail } from '../../base/trail.js';
import { digestOf, type Hashes, type HashName } from '../hashes.js';
import type { Keyring, TrustStore } from '../keyrings/keyring.js';
import { type Pkcs7Message, parsePkcs7 } from '../pkcs7/parse-message.js';
import { refuseRevoked, validateTrust } from '../pkcs7/trust-chain.js';
import { type VerifiedMessage, verifyMessage } from '../pkcs7/verify-message.js';
import { authenticodeDigest } from './authenticode.js';
import { parseIndirectData } from './mscode.js';
import { type Pefile, parsePefile } from './pefile.js';

/** Who signed a PE file, and over what digest. */
export interface PeSignature {
  /** The subject of the signer's certificate, as the kernel's log names it; unknown if it is not at hand. */
  readonly signer: string | undefined;
  /** The trusted certificate that the chain leads to. */
  readonly anchor: string | undefined;
  readonly keyring: Keyring['name'];
  readonly hash: HashName;
  readonly digest: Uint8Array;
}

/** The keyrings that the kernel asks together: `.secondary_trusted_keys` links to the others. */
const SECONDARY: readonly Keyring['name'][] = ['builtin', 'secondary', 'machine'];

/** What is checked of a message before its digest is told to hold. */
const MESSAGE_CHECKS: readonly Check[] = [
  'ber',
  'pkcs7-algorithm',
  'pkcs7-attributes',
  'pkcs7-time',
  'pkcs7-chain',
  'certificate',
  'certificate-time',
  'public-key',
];

/**
 * Verifies the first signature of a PE file, check by check as the kernel does: `kexec_kernel_verify_pe_sig()`. It asks
 * the secondary keyring, and only if no chain reached that, the platform keyring.
 *
 * @throws KexecError with the errno that the kernel gives.
 */
export function verifyPeSignature(
  file: Uint8Array,
  store: TrustStore,
  hashes: Hashes,
  trail: Trail,
): PeSignature {
  const pefile = parsePefile(file);
  const size = pefile.signature.length;
  trail.ok('pe-wrapper', `the first certificate holds a PKCS#7 message of ${size} bytes`, ['pe-signed']);
  try {
    return verifyAgainst(file, pefile, store, SECONDARY, hashes, trail);
  } catch (error) {
    const hasPlatform = store.keyrings.some(({ name }) => name === 'platform');
    if (!(error instanceof KexecError) || error.errno !== 'ENOKEY' || !hasPlatform) throw error;
    trail.note('trust', `${error.seen}; the platform keyring is asked`);
    return verifyAgainst(file, pefile, store, ['platform'], hashes, trail);
  }
}

/** Kernel functions `verify_pkcs7_signature()` and `pefile_digest_pe()`. */
function verifyAgainst(
  file: Uint8Array,
  pefile: Pefile,
  { keyrings, blacklist }: TrustStore,
  names: readonly Keyring['name'][],
  hashes: Hashes,
  trail: Trail,
): PeSignature {
  const message = parsePkcs7(pefile.signature, hashes);
  if (message.contentType !== 'msIndirectData') {
    refuse('pkcs7-content', 'EKEYREJECTED', 'the signature is not Authenticode');
  }
  const verified = verifyMessage(message, message.content?.value ?? new Uint8Array(0), blacklist, hashes);
  trail.ok('pkcs7-digest', describe(message, verified), MESSAGE_CHECKS);
  refuseRevoked(verified, blacklist.certificates);

  const asked = keyrings.filter(({ name }) => names.includes(name));
  const anchor = validateTrust(
    verified,
    asked.flatMap(({ certificates }) => certificates),
  );
  const keyring =
    asked.find(({ certificates }) => anchor && certificates.includes(anchor))?.name ?? 'builtin';
  trail.ok(
    'trust',
    `the chain leads to ${anchor?.subjectText ?? 'a trusted certificate'} in the ${keyring} keyring`,
    ['blacklist'],
  );

  if (message.content === undefined) {
    refuse('pkcs7-content', 'ENODATA', 'the signature has no content');
  }
  const { hash, digest } = parseIndirectData(message.content.whole);
  checkDigest(file, pefile, hash, digest, hashes);
  trail.ok('pe-digest', `the ${hash} digest of the file is the signed one`, [
    'pkcs7-content',
    'mscode',
    'pe-contents',
  ]);
  return {
    signer: signerOf(verified) ?? anchor?.subjectText,
    anchor: anchor?.subjectText,
    keyring,
    hash,
    digest,
  };
}

function checkDigest(
  file: Uint8Array,
  pefile: Pefile,
  hash: HashName,
  signed: Uint8Array,
  hashes: Hashes,
): void {
  const running = hashes(hash);
  const size = digestOf(hashes, hash)?.length;
  if (running === undefined || size === undefined) {
    refuse('pe-digest', 'ENOPKG', `${hash} is not to be had`);
  }
  if (signed.length !== size) {
    refuse('pe-digest', 'EBADMSG', `a ${hash} digest of ${signed.length} bytes`);
  }
  authenticodeDigest(file, pefile, running);
  const digest = running.digest();
  if (!digest.every((byte, at) => byte === signed[at])) {
    refuse(
      'pe-digest',
      'EKEYREJECTED',
      `the ${hash} digest of the file is not the signed one: the file was changed after it was signed`,
    );
  }
}

function signerOf({ signers }: VerifiedMessage): string | undefined {
  return signers.find(({ link }) => link !== undefined)?.link?.certificate.subjectText;
}

function describe({ certificates }: Pkcs7Message, verified: VerifiedMessage): string {
  const signer = signerOf(verified);
  return signer === undefined
    ? `the signer's certificate is not among the ${certificates.length} embedded ones: a trusted key has to verify`
    : `signed by ${signer}, whose signature holds`;
}
