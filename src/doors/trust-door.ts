/**
 * Signatures, verified as the kernel verifies them: PE files, and IMA's two forms; keyrings, certificates, policies.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { portableHashes } from 'kexec-file';
 * import { buildTrustStore, parseKeyringFile, verify } from 'kexec-file/trust';
 *
 * const file = parseKeyringFile(await readFile('signing_cert.pem'), 'trust');
 * const trust = buildTrustStore([{ name: 'signing_cert.pem', keyring: 'builtin', file }], portableHashes);
 * const { verdict, detail } = verify(await readFile('vmlinuz.signed'), { trust });
 * console.log(`${verdict}: ${detail}`);
 * // → ok: signed by vendor, trusted through the builtin keyring
 * ```
 *
 * @packageDocumentation
 */

export { checkSignature, type SignedContents } from '../trust/check-signature.js';
export type { Envelope } from '../trust/envelope.js';
export { type ImaKeyring, listImaKeyrings } from '../trust/ima/ima-keyrings.js';
export { type ImaVerdict, ImaVerifier, type ImaVerifierOptions } from '../trust/ima/ima-verifier.js';
export {
  type Blacklist,
  type BlacklistRule,
  EMPTY_BLACKLIST,
  type Keyring,
  type KeyringName,
  type SkippedCertificate,
  type TrustStore,
} from '../trust/keyrings/keyring.js';
export {
  type IgnoredEntries,
  type KeyringFile,
  type KeyringFileKind,
  type KeyringFileRole,
  parseKeyringFile,
} from '../trust/keyrings/keyring-file.js';
export {
  buildTrustStore,
  type GivenTrust,
  type LoadedTrustStore,
  type TrustSource,
} from '../trust/keyrings/trust-store.js';
export type { DigestedSection, DigestLayout } from '../trust/pe/authenticode.js';
export { type DigestedPart, FileDigests } from '../trust/pe/file-digests.js';
export type { PeSignature } from '../trust/pe/pe-signature.js';
export { POLICIES, type Policy, type TrustRequest, type Verification } from '../trust/policy.js';
export type { SignatureKind, SignatureVerdict, VerdictOptions } from '../trust/signature-verdict.js';
export { Verifier, type VerifierOptions } from '../trust/verifier.js';
export { type VerifyOptions, verify } from '../trust/verify-signature.js';
export { type Certificate, parseCertificate } from '../trust/x509/certificate.js';
export type { MlDsaName } from '../trust/x509/ml-dsa-names.js';
export type {
  EcdsaAlgorithm,
  KeyAlgorithm,
  PublicKey,
  RawSignature,
  SignedBytes,
} from '../trust/x509/public-key.js';
export { SignatureChecks } from '../trust/x509/signature-work.js';
