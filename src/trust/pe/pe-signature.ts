import type { HashName } from '../hashes.js';
import type { Keyring } from '../keyrings/keyring.js';

/** Who signed a PE file, and over what digest. */
export interface PeSignature {
  /** The subject of the signer's certificate, as the kernel's log names it; undefined if no certificate is known. */
  readonly signer: string | undefined;
  /** The subject of the trusted certificate that the chain leads to. */
  readonly anchor: string | undefined;
  /** The keyring of that certificate. */
  readonly keyring: Keyring['name'];
  readonly hash: HashName;
  /** The signed digest, which is the file's. */
  readonly digest: Uint8Array;
}
