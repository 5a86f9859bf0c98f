import type { Hashes } from '../hashes.js';
import { portableHashes } from '../portable-hashes.js';
import { addSignature } from './attach.js';
import { prepareSignature, type SigningOptions } from './prepare.js';

/** Signs bytes with a private key, wherever the key is: RSA PKCS#1 v1.5, or ECDSA in DER or as two numbers. */
export type SignBytes = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * Signs a PE file, and puts the signature first, where kexec looks.
 *
 * @param file - the whole file, with or without signatures
 * @param signBytes - called once, with the bytes that the key signs
 * @param hashes - where digests come from; `portableHashes` if left out
 * @returns the signed file
 * @throws KexecError as {@link prepareSignature}, `PreparedSignature.finish()` and {@link addSignature}
 */
export async function signPe(
  file: Uint8Array,
  signBytes: SignBytes,
  options: SigningOptions,
  hashes: Hashes = portableHashes,
): Promise<Uint8Array> {
  const prepared = prepareSignature(file, options, hashes);
  const pkcs7 = prepared.finish(await signBytes(prepared.attributes));
  return addSignature(file, pkcs7, { append: false });
}
