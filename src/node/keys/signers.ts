import type { SigningHash } from '../../trust/sign/content.js';
import { readFile } from '../files/read-file.js';
import { readPassphrase, readPrivateKey, requireMatch, signBytes } from './keys.js';
import { askPassphrase } from './passphrase.js';
import { runSignerCommand } from './signer-command.js';

/** Signs bytes with a key, wherever the key is. */
export type Signer = (bytes: Uint8Array) => Promise<Uint8Array>;

/** The place of the key. */
export type SignerSource =
  | { readonly key: string; readonly passphraseFile?: string | undefined }
  /** A shell command that reads the bytes to sign and writes the signature. */
  | { readonly command: string }
  /** A file with a signature that was made elsewhere. */
  | { readonly signature: string };

/**
 * Opens a signer. A key is opened, and its passphrase asked for if it is encrypted, before anything is signed.
 *
 * @param certificate - of the key, in DER
 * @throws KexecError `sign-key`: the key is unreadable or does not belong to the certificate; or the system's errno.
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
