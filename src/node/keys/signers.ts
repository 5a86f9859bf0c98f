import { isPkcs11Uri } from '../../formats/pkcs11-uri.js';
import type { SigningHash } from '../../trust/sign/content.js';
import { readFile } from '../files/read-file.js';
import { readPassphrase, readPrivateKey, requireMatch, signBytes } from './keys.js';
import { askPassphrase, type Secret } from './passphrase.js';
import { runSignerCommand } from './signer-command.js';

/** Signs bytes with a key, wherever the key is. */
export type Signer = (bytes: Uint8Array) => Promise<Uint8Array>;

/** The place of the key. */
export type SignerSource =
  | {
      /** The path of a file, or a PKCS#11 URI. */
      readonly key: string;
      readonly passphraseFile?: string | undefined;
      /**
       * Called for an encrypted key and for a token's PIN; without it, the passphrase is read from `passphraseFile` or
       * the terminal.
       */
      readonly passphrase?: ((name: string, secret?: 'passphrase' | 'PIN') => Promise<string>) | undefined;
    }
  /** A shell command that reads the bytes to sign and writes the signature. */
  | { readonly command: string }
  /** A file with a signature that was made elsewhere. */
  | { readonly signature: string };

/**
 * Opens a signer. A key is opened, and its passphrase asked for if it is encrypted, before anything is signed.
 *
 * @param certificate - of the key, in DER
 * @throws KexecError `sign-key`: the key is unreadable or does not belong to the certificate; `sign-token`; or the
 *   system's errno.
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
  const {
    key: path,
    passphraseFile,
    passphrase = (name, secret) => readOrAskPassphrase(name, passphraseFile, secret),
  } = source;
  if (isPkcs11Uri(path)) {
    const { openTokenSigner } = await import('./pkcs11/token-signer.js');
    return openTokenSigner(path, { certificate, hash }, passphrase);
  }
  const key = await readPrivateKey(path, () => passphrase(path));
  requireMatch(key, certificate);
  return async (bytes) => signBytes(key, hash, bytes);
}

/** Reads a passphrase from a file or, if there is none, asks for it on the terminal, by the name of what it opens. */
export async function readOrAskPassphrase(
  name: string,
  passphraseFile: string | undefined,
  secret?: Secret,
): Promise<string> {
  return passphraseFile === undefined ? askPassphrase(name, secret) : readPassphrase(passphraseFile);
}

/** Reads or asks for the passphrase of each file once. */
export function rememberPassphrases(
  passphraseFile: string | undefined,
): (name: string, secret?: Secret) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (name, secret) => {
    const passphrase = known.get(name) ?? readOrAskPassphrase(name, passphraseFile, secret);
    known.set(name, passphrase);
    return passphrase;
  };
}
