/** What the running kernel does with signatures, where that depends on its release and configuration. */
import { KexecError } from '../base/error.js';
import { findMachineArchitecture } from '../machine/architectures.js';
import { hasChange, KERNEL_CHANGES, lacksChange } from '../machine/kernel-changes.js';
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
  /**
   * Whether certificates in dbx revoke: since 5.13, and with CONFIG_SYSTEM_REVOCATION_LIST, which Debian's kernels do not
   * have; `uefi_revocation_list_x509()`.
   */
  readonly revokesCertificates: boolean;
  /** The digest that it compares with X509_SHA256 entries of dbx: since 7.0, always SHA-256. */
  readonly blacklist: 'signature' | 'sha256';
  /** Whether it verifies ML-DSA, which Linux does since 7.0. */
  readonly knowsMlDsa: boolean;
  /** Whether it was built with ML-DSA: otherwise `crypto_alloc_sig()` finds no algorithm. */
  readonly hasMlDsa: boolean;
}

/** Errors of a signature that Linux 5.4 to 5.8 forgives, and no other. */
const FORGIVEN: readonly string[] = ['ENODATA', 'ENOPKG', 'ENOKEY'];

/** The rules of a machine's kernel; those of Linux 6.12 where release and configuration are not known. */
export function findKernelTrustRules(machine: MachineFacts): KernelTrustRules {
  const { release, config } = machine.kernel ?? {};
  const isKnown = config?.SYSTEM_TRUSTED_KEYRING === 'y';
  const knowsMlDsa = hasChange(release, 'ml-dsa');
  const has = (name: string): boolean => !isKnown || config?.[name] === 'y';
  const hasList = config?.SYSTEM_BLACKLIST_KEYRING !== 'y' || config.SYSTEM_REVOCATION_LIST === 'y';
  // arm64 had a function of its own before: `image_verify_sig()`.
  const searchesAll = !lacksChange(machine, 'all-keyrings');
  return {
    searchesSecondary: searchesAll && has('SECONDARY_TRUSTED_KEYRING'),
    searchesPlatform: searchesAll && has('INTEGRITY_PLATFORM_KEYRING'),
    hasMachineKeyring: has('INTEGRITY_MACHINE_KEYRING'),
    revokesCertificates: hasList && hasChange(release, 'revoked-certificates'),
    blacklist: hasChange(release, 'sha256-blacklist') ? 'sha256' : 'signature',
    knowsMlDsa,
    hasMlDsa: knowsMlDsa && (!isKnown || ['y', 'm'].includes(config.CRYPTO_MLDSA ?? 'n')),
  };
}

/**
 * Why the running kernel cannot verify any kernel, and rejects each: kernel function `kexec_image_verify_sig_default()`.
 *
 * @returns the error that every kernel gets there; undefined if it can, or if its configuration is not known
 */
export function findVerifierFault(machine: MachineFacts): KexecError | undefined {
  const { config = {} } = machine.kernel ?? {};
  const option = ['KEXEC_SIG_FORCE', 'KEXEC_SIG', 'KEXEC_VERIFY_SIG'].find((name) => config[name] === 'y');
  const { verifierOption: verifier } = findMachineArchitecture(machine);
  if (option === undefined || verifier === undefined || config[verifier] === 'y') return undefined;
  const seen = `the running kernel has CONFIG_${option}, but no CONFIG_${verifier}`;
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
    hasChange(release, 'forgiven-signatures') ||
    FORGIVEN.includes(errno)
  ) {
    return undefined;
  }
  return {
    because: `Linux ${release}, which is older than ${KERNEL_CHANGES['forgiven-signatures'].since}, forgives only ${FORGIVEN.join(', ')}`,
  };
}
