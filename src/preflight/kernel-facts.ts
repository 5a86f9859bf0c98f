import type { Policy } from '../trust/policy.js';

/** The kernel that is planned on a fleet, for reports. */
export interface PreflightKernel {
  /** Its file, as it was given. */
  readonly file: string;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** `uname -r`; undefined if the kernel does not say. */
  readonly release?: string | undefined;
  /** Who signed it, and whether that was verified; undefined if it has no signature. */
  readonly signer?: string | undefined;
  /** The effect of its signature; undefined if signatures do not count. */
  readonly policy?: Policy | undefined;
  /** Whether it is planned only as a crash kernel. */
  readonly type: 'default' | 'crash';
}
