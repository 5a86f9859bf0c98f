import type { KexecError } from '../base/error.js';
import type { PeSignature } from './pe/pe-signature.js';

/**
 * What a kernel came in, and what its signature covers, if it has one: all that was taken out of it. Only what unwraps a
 * file can know; bytes are told by identity, so that nothing else is taken for them.
 */
export interface Envelope {
  /** What it is, for the reader: "the UKI". */
  readonly what: string;
  /** Its signature, or why it does not hold. */
  readonly signature: PeSignature | KexecError;
  /** The kernel, initrd and command line that came out of it. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly commandLine: string | undefined;
}
