import type { SigningHash } from '../../trust/sign/content.js';
import { readFile } from '../files/read-file.js';
import { readPassphrase, readPrivateKey, requireMatch, signBytes } from './keys.js';
import { askPassphrase } from './passphrase.js';
import { runSignerCommand } from './signer-command.js';

/** Whoever has the key: gives a signature over bytes. */
export type Signer = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Where the key is. */
export type SignerSource =
  | { readonly key: string; readonly passphraseFile?: string | undefined }
  /** A shell command that reads what is to be signed and writes the signature. */
  | { readonly command: string }
  /** A file with a signature that was made before. */
  | { readonly signature: string };

/**
 * Finds a signer. A key is opened, its passphrase asked for if need be, before anything is signed.
 *
 * @param certificate - of the key, in DER
 * @throws KexecError `sign-key`: the key cannot be had or is not the certificate's; or the system's errno.
 */
export async function openSigner(
  source: SignerSource,
  certificate: Uint8Array,
  hash: SigningHash,
): Promise<Signer> {
  if ('command' in source) return (bytes) => runSignerCommand(source.command, bytes);
  if ('signature' in source) {
    const signature = readFile(source.signature);
    return async () => signature;
  }
  const { key: path, passphraseFile } = source;
  const key = await readPrivateKey(path, async () =>
    passphraseFile === undefined ? askPassphrase(path) : readPassphrase(passphraseFile),
  );
  requireMatch(key, certificate);
  return async (bytes) => signBytes(key, hash, bytes);
}
