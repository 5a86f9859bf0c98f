import type { KexecError } from '../base/error.js';
import type { PeSignature } from './pe/pe-signature.js';

/**
 * A file that contained a kernel, and what came out of it: its signature, if it has one, covers all of that. Bytes are
 * compared by identity, so that a signature covers only the very bytes that came out of its file.
 */
export interface Envelope {
  /** Its name, for messages: "the UKI". */
  readonly what: string;
  /** Its signature, or why it does not hold. */
  readonly signature: PeSignature | KexecError;
  /** The file itself; undefined if files of its kind have no signature. */
  readonly file?: Uint8Array | undefined;
  /** The kernel, initrd and command line that came out of it. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly commandLine: string | undefined;
}
