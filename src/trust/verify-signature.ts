import type { Hashes } from './hashes.js';
import { portableHashes } from './portable-hashes.js';
import { decideVerdict, type SignatureVerdict, type VerdictOptions } from './signature-verdict.js';

/** What {@link verify} verifies against. */
export interface VerifyOptions extends Omit<VerdictOptions, 'hashes'> {
  /** Where digests come from; `portableHashes` if left out. */
  readonly hashes?: Hashes | undefined;
}

/**
 * Verifies a file's signature as `kexec-file verify` does, and so as the kernel does at kexec_file_load(2).
 *
 * @param file - a signed PE file: a kernel, a UKI, a boot loader; for IMA, any file
 * @returns the verdict. Does not throw for what is wrong with the file.
 */
export function verify(
  file: Uint8Array,
  { hashes = portableHashes, ...options }: VerifyOptions,
): SignatureVerdict {
  return decideVerdict(file, { hashes, ...options });
}
