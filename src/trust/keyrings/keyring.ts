import type { Certificate } from '../x509/certificate.js';

/** Certificates that are trusted, under the name of the kernel's keyring that holds them. */
export interface Keyring {
  readonly name: 'builtin' | 'secondary' | 'machine' | 'platform';
  readonly certificates: readonly Certificate[];
}

/** What must not be trusted: the kernel's `.blacklist` keyring, and UEFI's dbx from which it is filled. */
export interface Blacklist {
  /** Digests of the to-be-signed parts of certificates, in lower-case hex: `tbs:` entries. */
  readonly certificateHashes: readonly string[];
  /** Digests of whole PE files, in lower-case hex: `bin:` entries. The kernel does not consult them for kexec. */
  readonly fileHashes: readonly string[];
  /** Certificates that are revoked themselves. */
  readonly certificates: readonly Certificate[];
}

/**
 * What a kernel trusts. Kexec asks the secondary keyring, which links to builtin and machine, then, only if no chain
 * reached one of those, the platform keyring (`kexec_kernel_verify_pe_sig()`).
 */
export interface TrustStore {
  readonly keyrings: readonly Keyring[];
  readonly blacklist: Blacklist;
}

export const EMPTY_BLACKLIST: Blacklist = { certificateHashes: [], fileHashes: [], certificates: [] };
