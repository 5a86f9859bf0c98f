import { KexecError } from '../base/error.js';
import { summarizeSigner } from '../inspect/kernel-summary.js';
import { findBanner } from '../kernel-file/kernel-banner.js';
import type { LoadRequest } from '../kexec/request.js';
import type { Hashes } from '../trust/hashes.js';
import type { Policy } from '../trust/policy.js';

/** The kernel that is planned on a fleet, for reports. */
export interface PreflightKernel {
  /** Its file, as it was given. */
  readonly file: string;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** `uname -r`; undefined if the kernel does not say. */
  readonly release?: string;
  /** Who signed it, and whether that was verified; undefined if it has no signature. */
  readonly signer?: string;
  /** The effect of its signature; undefined if signatures do not count. */
  readonly policy?: Policy;
  /** Whether it is planned only as a crash kernel. */
  readonly type: 'default' | 'crash';
}

/**
 * Describes the kernel of a request.
 *
 * @param request - its kernel is an Image, as openKernelFile() returns it, and has been verified if signatures count
 */
export function describeKernel(
  { kernel, envelopes = [], trust, options }: LoadRequest,
  hashes: Hashes,
): Omit<PreflightKernel, 'file' | 'sha256'> {
  const release = findBanner(kernel)?.release;
  const files = [
    ...envelopes.flatMap(({ file, signature }) => (file === undefined ? [] : [{ file, signature }])),
    { file: kernel, signature: trust?.verified?.signature },
  ];
  const signed = files.flatMap(({ file, signature }) => {
    const { signer, signerUnknown } = summarizeSigner(file, hashes);
    const name = signer ?? (signerUnknown && `unknown: ${signerUnknown}`);
    return name === undefined ? [] : [{ signer: name, signature: trust && signature }];
  });
  // One trusted signature is enough, whichever file around the kernel has it.
  const best = signed.find(({ signature }) => signature && !(signature instanceof KexecError)) ?? signed[0];
  return {
    ...(release === undefined ? {} : { release }),
    ...(best === undefined ? {} : { signer: `${best.signer}${describeTrust(best.signature)}` }),
    ...(trust === undefined ? {} : { policy: trust.policy }),
    type: options?.type === 'crash' ? 'crash' : 'default',
  };
}

/** Machines may have keys of their own: what is said here is of those that were given. */
function describeTrust(signature: object | undefined): string {
  if (signature === undefined) return ' (not verified)';
  if (!(signature instanceof KexecError)) return '';
  const { errno } = signature;
  return errno === 'ENOKEY' ? ` (not trusted by the given keys: ${errno})` : ` (signature refused: ${errno})`;
}
