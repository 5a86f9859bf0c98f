/**
 * Signing: for kexec (PE files) and for IMA. Takes no private key: the caller signs the bytes that a step returns.
 *
 * @example
 * ```js
 * import { sign } from 'node:crypto';
 * import { readFile } from 'node:fs/promises';
 * import { portableHashes } from 'kexec-file';
 * import { addSignature, finishSignature, listSignatures, prepareSignature } from 'kexec-file/sign';
 *
 * const kernel = await readFile('vmlinuz.unsigned');
 * const certificate = await readFile('signing_cert.der');
 * const options = { certificate, hash: 'sha256', validAt: new Date() };
 * const prepared = prepareSignature(kernel, options, portableHashes);
 * const signature = sign('sha256', prepared.attributes, await readFile('signing_key.pem'));
 * const pkcs7 = finishSignature(prepared, signature, portableHashes);
 * const signed = addSignature(kernel, pkcs7, { append: false });
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
export { addSignature, attachSignature, type Place } from '../trust/sign/attach.js';
export { SIGNING_HASHES, type SigningHash } from '../trust/sign/content.js';
export { type ListedSignature, type ListedSigner, listSignatures } from '../trust/sign/list.js';
export {
  finishSignature,
  type PreparedSignature,
  prepareSignature,
  type SigningOptions,
} from '../trust/sign/prepare.js';
export { removeSignatures, signatureBytes } from '../trust/sign/remove.js';
export { appendSignature, type FileSignature, imaXattr } from '../trust/sign/sign-ima.js';
export { buildSignaturesJson } from '../view/json/signature-json.js';
export { formatSignatures } from '../view/text/signature-text.js';
