import type { Certificate } from '../x509/certificate.js';

/** A keyring that can be filled by name: those for kexec, and IMA's. */
export type KeyringName = Keyring['name'] | 'ima';

/** Trusted certificates, under the name of the kernel's keyring that holds them. */
export interface Keyring {
  readonly name: 'builtin' | 'secondary' | 'machine' | 'platform';
  readonly certificates: readonly Certificate[];
}

/**
 * Which digest of a certificate's signed part revokes it. `signature`: by the hash of its own signature, as Linux
 * before 7.0; `sha256`: by SHA-256, as Linux from 7.0 on; `any`: by either, and by SHA-384 and SHA-512, as UEFI
 * requires of firmware.
 */
export type BlacklistRule = 'any' | 'signature' | 'sha256';

/** Revoked certificates and files: the kernel's `.blacklist` keyring, which is filled from UEFI's dbx. */
export interface Blacklist {
  /** Digests of the to-be-signed parts of certificates, in lower-case hex: `tbs:` entries. */
  readonly certificateHashes: readonly string[];
  /** The entries of dbx among them as the kernel keeps them: whole, the time of revocation included. */
  readonly kernelCertificateHashes?: readonly string[];
  /** Which digests of a certificate are searched for among `certificateHashes`; `any` if left out. */
  readonly rule?: BlacklistRule;
  /** Digests of whole PE files, in lower-case hex: `bin:` entries. The kernel does not consult them for kexec. */
  readonly fileHashes: readonly string[];
  /** Revoked certificates. */
  readonly certificates: readonly Certificate[];
}

/**
 * The keyrings and the blacklist of a kernel. For kexec, the kernel searches the secondary keyring, which links to
 * builtin and machine, then, only if no chain leads there, the platform keyring (`kexec_kernel_verify_pe_sig()`).
 */
export interface TrustStore {
  readonly keyrings: readonly Keyring[];
  readonly blacklist: Blacklist;
  /** The certificates that belong to a keyring and are not in it, because they are blacklisted. */
  readonly skipped?: readonly SkippedCertificate[];
  /** Whether signatures by ML-DSA are verified. False for a kernel before 7.0; undefined if the kernel does not matter. */
  readonly knowsMlDsa?: boolean;
  /** False for a kernel that knows ML-DSA and was built without it: it cannot verify it. */
  readonly hasMlDsa?: boolean;
}

/** A certificate that is not in its keyring, because it is blacklisted. */
export interface SkippedCertificate {
  /** The file it came from. */
  readonly source: string;
  readonly keyring: KeyringName;
  readonly certificate: Certificate;
}

export const EMPTY_BLACKLIST: Blacklist = { certificateHashes: [], fileHashes: [], certificates: [] };
