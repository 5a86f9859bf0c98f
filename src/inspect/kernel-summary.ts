import { attempt, KexecError } from '../base/error.js';
import { findBanner } from '../kernel-file/kernel-banner.js';
import type { Hashes } from '../trust/hashes.js';
import { listSignatures } from '../trust/sign/list.js';

/** What a kernel is, in a line. What is unknown is left out. */
export interface KernelSummary {
  /** `uname -r`, out of the kernel's banner. */
  readonly release?: string;
  readonly compiler?: string;
  /** What follows the compiler in the banner: `#1 SMP Debian 6.12.117-1 (2026-02-10)`. */
  readonly build?: string;
  /** The subject of the first signer's certificate, unverified; undefined without a signature, or if it is unknown. */
  readonly signer?: string;
  /** Why the signer of a signature is unknown. */
  readonly signerUnknown?: string;
  /** What is around the kernel, such as `UKI`, if that could be signed itself, and only the kernel in it is. */
  readonly unsigned?: string;
}

/** Summarises an Image: its banner, and the signer that its signature names. */
export function summarizeKernel(image: Uint8Array, hashes: Hashes): KernelSummary {
  const { release, compiler, version } = findBanner(image) ?? {};
  return {
    ...(release === undefined ? {} : { release }),
    ...(compiler === undefined ? {} : { compiler }),
    ...(version === undefined ? {} : { build: version }),
    ...summarizeSigner(image, hashes),
  };
}

/**
 * Names the signer of a PE file. Only the first signature counts, as for the kernel.
 *
 * @returns nothing for a file that is no PE file, or has no signature
 */
export function summarizeSigner(
  file: Uint8Array,
  hashes: Hashes,
): Pick<KernelSummary, 'signer' | 'signerUnknown'> {
  const signatures = attempt(() => listSignatures(file, hashes));
  const first = signatures instanceof KexecError ? undefined : signatures[0];
  if (first === undefined) return {};
  if (first.problem !== undefined) return { signerUnknown: first.problem.seen };
  const subject = first.signers[0]?.certificate?.subject;
  return subject === undefined
    ? { signerUnknown: 'its certificate is not in the signature' }
    : { signer: subject };
}

/** Whether a file that was summarised has a signature. */
export function isSigned({ signer, signerUnknown }: KernelSummary): boolean {
  return signer !== undefined || signerUnknown !== undefined;
}
