/**
 * Signing: for kexec (PE files) and for IMA. Takes no private key: the caller signs the bytes that a step returns.
 *
 * @example
 * ```js
 * import { sign } from 'node:crypto';
 * import { readFile } from 'node:fs/promises';
 * import { portableHashes } from 'kexec-file';
 * import { listSignatures, signPe } from 'kexec-file/sign';
 *
 * const key = await readFile('signing_key.pem');
 * const signed = await signPe(await readFile('vmlinuz.unsigned'), (bytes) => sign('sha256', bytes, key), {
 *   certificate: await readFile('signing_cert.der'),
 *   hash: 'sha256',
 *   validAt: new Date(),
 * });
 * console.log(`${listSignatures(signed, portableHashes).length} signature`);
 * // → 1 signature
 * ```
 *
 * @packageDocumentation
 */

export {
  type Compress,
  type InnerCompression,
  type InnerSigning,
  type SignedInner,
  signInner,
} from '../kernel-file/sign-inner.js';
export type { IndirectData } from '../trust/pe/mscode.js';
export { addSignature, attachSignature, type Place } from '../trust/sign/attach.js';
export { SIGNING_HASHES, type SigningHash } from '../trust/sign/content.js';
export { type ListedSignature, type ListedSigner, listSignatures } from '../trust/sign/list.js';
export {
  type PreparedSignature,
  prepareSignature,
  type SigningOptions,
} from '../trust/sign/prepare.js';
export { extractSignature, removeSignatures } from '../trust/sign/remove.js';
export { appendSignature, buildSignedXattr, type FileSignature } from '../trust/sign/sign-ima.js';
export { type SignBytes, signPe } from '../trust/sign/sign-pe.js';
export { buildSignaturesJson } from '../view/json/signature-json.js';
export { formatSignatures } from '../view/text/signature-text.js';
