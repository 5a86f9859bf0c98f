import type { HookSettings } from '../../settings/hook-settings.js';
import { chooseHash } from '../../trust/sign/choose-hash.js';
import { signPe } from '../../trust/sign/sign-pe.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readFile } from '../files/read-file.js';
import { writeFile } from '../files/write-file.js';
import { readSignerCertificates } from '../keys/keys.js';
import { openSigner, rememberPassphrases } from '../keys/signers.js';
import { verifyFile } from '../keys/verify-file.js';

/** What became of a kernel that was to be signed. */
export type SignedKernel = 'signed' | 'signed before' | 'no key';

/**
 * Signs an installed kernel in its place, if the settings name a key. The file is replaced as a whole, with its owner
 * and mode. Its other signatures stay behind the new one: `signature remove` undoes it.
 *
 * @throws KexecError as the key, the certificate and the file are refused
 */
export async function signKernel(image: string, settings: HookSettings): Promise<SignedKernel> {
  const { key, cert, 'passphrase-file': passphraseFile } = settings;
  if (key === undefined || cert === undefined) return 'no key';
  const { verdict } = await verifyFile(image, { certs: [cert] });
  if (verdict === 'ok') return 'signed before';
  const passphrase = rememberPassphrases(passphraseFile);
  const [certificate = new Uint8Array(0), ...additional] = await readSignerCertificates(cert, async () =>
    passphrase(cert),
  );
  const hash = chooseHash(certificate, nodeHashes);
  const signer = await openSigner({ key, passphrase }, certificate, hash);
  const signingTime = new Date();
  const how = { certificate, additional, hash, signingTime, validAt: signingTime };
  await writeFile(image, [await signPe(readFile(image), signer, how, nodeHashes)], { overwrite: true });
  return 'signed';
}
