import type { SigningHash } from '../../trust/sign/content.js';
import { readFile } from '../files/read-file.js';
import { readPassphrase, readPrivateKey, requireMatch, signBytes } from './keys.js';
import { askPassphrase } from './passphrase.js';
import { runSignerCommand } from './signer-command.js';

/** Signs bytes with a key, wherever the key is. */
export type Signer = (bytes: Uint8Array) => Promise<Uint8Array>;

/** The place of the key. */
export type SignerSource =
  | {
      readonly key: string;
      readonly passphraseFile?: string | undefined;
      /** Called for an encrypted key; without it, the passphrase is read from `passphraseFile` or the terminal. */
      readonly passphrase?: (() => Promise<string>) | undefined;
    }
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
  const { key: path, passphraseFile, passphrase = () => readOrAskPassphrase(path, passphraseFile) } = source;
  const key = await readPrivateKey(path, passphrase);
  requireMatch(key, certificate);
  return async (bytes) => signBytes(key, hash, bytes);
}

/** Reads a passphrase from a file or, if there is none, asks for it on the terminal. */
export async function readOrAskPassphrase(path: string, passphraseFile: string | undefined): Promise<string> {
  return passphraseFile === undefined ? askPassphrase(path) : readPassphrase(passphraseFile);
}

/** Reads or asks for the passphrase of each file once. */
export function rememberPassphrases(passphraseFile: string | undefined): (path: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (path) => {
    const passphrase = known.get(path) ?? readOrAskPassphrase(path, passphraseFile);
    known.set(path, passphrase);
    return passphrase;
  };
}
