import type { KexecError } from '../base/error.js';
import type { Hashes } from './hashes.js';
import type { KernelTrustRules } from './kernel-rules.js';
import type { TrustStore } from './keyrings/keyring.js';
import type { GivenTrust } from './keyrings/trust-store.js';
import type { PeSignature } from './pe/pe-signature.js';

/**
 * What follows from a signature. `enforce`: only a kernel with a trusted signature loads. `permissive`: any kernel
 * loads, and the trail notes what is wrong with its signature. `as-kernel`: the machine's own kernel decides, by its
 * configuration and its lockdown.
 */
export type Policy = 'enforce' | 'permissive' | 'as-kernel';

export const POLICIES: readonly Policy[] = ['enforce', 'permissive', 'as-kernel'];

/** Who must have signed a kernel, and what follows from its signature. */
export interface TrustRequest {
  readonly store: TrustStore;
  /** What `store` was built from besides a machine's keys: with it, a preflight builds a store for each machine. */
  readonly given?: GivenTrust | undefined;
  readonly policy: Policy;
  readonly hashes: Hashes;
  /** The kernel's signature, if it was verified before. It counts only for the very bytes that were verified. */
  readonly verified?: Verification | undefined;
  /** The value of the kernel's attribute security.ima, for a machine whose IMA appraises kernels. */
  readonly imaXattr?: Uint8Array | undefined;
}

/** The result of verifying a file. The file is compared by identity, not by its contents. */
export interface Verification {
  readonly file: Uint8Array;
  /** The file's signature, or why it does not hold. */
  readonly signature: PeSignature | KexecError;
  /** The same for kernels by their rules, under {@link nameRules}; where it is missing, `signature` counts. */
  readonly asKernel?: Readonly<Record<string, PeSignature | KexecError>>;
}

/** A name for rules, under which verdicts by them are kept. */
export function nameRules(rules: KernelTrustRules): string {
  return Object.values(rules).join(' ');
}
