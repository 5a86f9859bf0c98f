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
 * // → ok: signed by CN=kexec-file test, trusted through the builtin keyring
 * ```
 *
 * @packageDocumentation
 */

export type { Envelope } from '../trust/envelope.js';
export { type AppendedVerdict, verifyAppendedSignature } from '../trust/ima/appended.js';
export { type ImaKeyring, type ImaVerdict, imaKeyrings, verifyImaXattr } from '../trust/ima/xattr.js';
export { type Blacklist, EMPTY_BLACKLIST, type Keyring, type TrustStore } from '../trust/keyrings/keyring.js';
export { type KeyringFile, type KeyringFileRole, parseKeyringFile } from '../trust/keyrings/keyring-file.js';
export {
  buildTrustStore,
  type KeyringName,
  type LoadedTrustStore,
  type TrustSource,
} from '../trust/keyrings/trust-store.js';
export { type PeSignature, verifyPeSignature } from '../trust/pe/verify-pe.js';
export {
  checkSignature,
  POLICIES,
  type Policy,
  type SignedContents,
  type TrustRequest,
  type Verification,
  verifyOnce,
} from '../trust/policy.js';
export {
  type SignatureKind,
  type SignatureVerdict,
  type VerifyOptions,
  verify,
} from '../trust/verify-signature.js';
export { type Certificate, parseCertificate } from '../trust/x509/certificate.js';
