/** What the running kernel does with signatures, where that depends on its release and configuration. */
import { KexecError } from '../base/error.js';
import { isReleaseBefore } from '../base/kernel-release.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { findSignatureDemand, type ImaGate } from './ima/appraisal.js';

/** Where the running kernel looks for trusted and revoked certificates. */
export interface KernelTrustRules {
  /** Whether it searches secondary and machine beside builtin. */
  readonly searchesSecondary: boolean;
  /** Whether it searches platform. */
  readonly searchesPlatform: boolean;
  /** Whether it has a machine keyring; otherwise MokListRT goes into platform (`get_handler_for_mok()`). */
  readonly hasMachineKeyring: boolean;
  /** Whether certificates in dbx revoke: since 5.13, `uefi_revocation_list_x509()`. */
  readonly revokesCertificates: boolean;
  /** The digest that it compares with X509_SHA256 entries of dbx: since 7.0, always SHA-256. */
  readonly blacklist: 'signature' | 'sha256';
}

/** Errors of a signature that Linux 5.4 to 5.8 forgives, and no other. */
const FORGIVEN: readonly string[] = ['ENODATA', 'ENOPKG', 'ENOKEY'];

/** Stable releases that have arm64's search of all keyrings, which came with Linux 6.0. */
const BACKPORTS: readonly (readonly [series: RegExp, patch: number])[] = [
  [/^5\.15\.(\d+)/, 72],
  [/^5\.19\.(\d+)/, 4],
];

/** The rules of a machine's kernel; those of Linux 6.12 where release and configuration are not known. */
export function findKernelTrustRules({ architecture, kernel = {} }: MachineFacts): KernelTrustRules {
  const { release, config } = kernel;
  const isKnown = config?.SYSTEM_TRUSTED_KEYRING === 'y';
  const has = (name: string): boolean => !isKnown || config?.[name] === 'y';
  const searchesAll = architecture !== 'arm64' || searchesAllKeyrings(release);
  return {
    searchesSecondary: searchesAll && has('SECONDARY_TRUSTED_KEYRING'),
    searchesPlatform: searchesAll && has('INTEGRITY_PLATFORM_KEYRING'),
    hasMachineKeyring: has('INTEGRITY_MACHINE_KEYRING'),
    revokesCertificates: isReleaseBefore(release, 5, 13) !== true,
    blacklist: isReleaseBefore(release, 7, 0) === false ? 'sha256' : 'signature',
  };
}

/** arm64 searched builtin alone before Linux 6.0 (`image_verify_sig()`). */
function searchesAllKeyrings(release = ''): boolean {
  if (isReleaseBefore(release, 6, 0) !== true) return true;
  return BACKPORTS.some(([series, patch]) => Number(series.exec(release)?.[1] ?? -1) >= patch);
}

/**
 * Why the running kernel cannot verify any Image, and rejects each: kernel function `kexec_image_verify_sig_default()`.
 *
 * @returns the error that every kernel gets there; undefined if it can, or if its configuration is not known
 */
export function findVerifierFault({ kernel: { config = {} } = {} }: MachineFacts): KexecError | undefined {
  const option = ['KEXEC_SIG_FORCE', 'KEXEC_SIG', 'KEXEC_VERIFY_SIG'].find((name) => config[name] === 'y');
  if (option === undefined || config.KEXEC_IMAGE_VERIFY_SIG === 'y') return undefined;
  const seen = `the running kernel has CONFIG_${option}, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG`;
  return new KexecError('running-verify', 'EKEYREJECTED', seen);
}

/**
 * Why the running kernel refuses a kernel for an error of its signature, without regard to lockdown: kernel function
 * `kimage_validate_signature()`.
 *
 * @returns undefined if it loads the kernel all the same, as far as is known
 */
export function findFatality({ errno }: KexecError, machine: MachineFacts): ImaGate | undefined {
  const demand = findSignatureDemand(machine);
  if (demand !== undefined) return demand;
  const { release } = machine.kernel ?? {};
  if (
    machine.kexecSignature === 'none' ||
    isReleaseBefore(release, 5, 9) !== true ||
    FORGIVEN.includes(errno)
  ) {
    return undefined;
  }
  return { because: `Linux ${release}, which is older than 5.9, forgives only ${FORGIVEN.join(', ')}` };
}
