/**
 * The changes of Linux that decide about a load, by the release that brought them: one table for plan, explain and
 * doctor. `scripts/kernel-releases.mjs` writes docs/kernel-releases.md from it.
 */
import { isReleaseBefore } from '../base/kernel-release.js';
import type { MachineFacts } from './machine-facts.js';

/** A change of Linux: what a kernel with it does, and one without it. */
export interface KernelChange {
  /** The first release that has it: `5.13`. */
  readonly since: `${number}.${number}`;
  /** Updates of earlier series that brought it, by series: `{ '5.9': 9 }` is 5.9.9. */
  readonly stable?: Readonly<Record<string, number>>;
  /** The architecture that it concerns, if it is one alone. */
  readonly architecture?: 'arm64' | 'x86_64';
  readonly subject: 'system call' | 'placement' | 'device tree' | 'crashkernel=' | 'signatures';
  /** What kernels with it do: `kexec_file_load adds rng-seed`. */
  readonly now: string;
  /** What kernels without it do. */
  readonly before: string;
  /** The commit, or the file of a release that shows it. */
  readonly source: string;
}

export const KERNEL_CHANGES = {
  'file-load': {
    since: '5.0',
    architecture: 'arm64',
    subject: 'system call',
    now: 'there is kexec_file_load(2)',
    before: 'there is no kexec_file_load(2): ENOSYS',
    source: '3ddd9992a590 arm64: enable KEXEC_FILE config',
  },
  'crash-file-load': {
    since: '5.6',
    architecture: 'arm64',
    subject: 'system call',
    now: 'kexec_file_load takes crash kernels, and deletes stale linux,elfcorehdr and linux,usable-memory-range',
    before: 'kexec_file_load refuses crash kernels with EOPNOTSUPP, and hands stale properties of a crash on',
    source: '3751e728cef2 arm64: kexec_file: add crash dump support',
  },
  'large-files': {
    since: '6.0',
    subject: 'system call',
    now: 'kexec_file_load reads files of up to 4 GiB',
    before: 'kexec_file_load refuses files of 2 GiB and more with EFBIG',
    source: 'f4da7afe0752 kexec_file: increase maximum file size to 4G',
  },
  'load-limits': {
    since: '6.3',
    subject: 'system call',
    now: 'kernel.kexec_load_limit_reboot and _panic limit the number of loads',
    before: 'only kernel.kexec_load_disabled limits them',
    source: 'a42aaad2e47b kexec: introduce sysctl parameters kexec_load_limit_*',
  },
  'debug-flag': {
    since: '6.8',
    subject: 'system call',
    now: 'kexec_file_load takes KEXEC_FILE_DEBUG, and logs every place',
    before: 'kexec_file_load refuses that flag with EINVAL',
    source: 'cbc2fe9d9cb2 kexec_file: add kexec_file flag to control debug printing',
  },
  'hotplug-flag': {
    since: '6.10',
    architecture: 'x86_64',
    subject: 'system call',
    now: 'kexec_load takes KEXEC_CRASH_HOTPLUG_SUPPORT: the kernel updates the ELF core header after hotplug',
    before:
      'kexec_load takes KEXEC_UPDATE_ELFCOREHDR for that from Linux 6.6 on, and refuses the other flag with EINVAL',
    source: '79365026f869 crash: add a new kexec flag for hotplug support',
  },
  'second-search': {
    since: '5.10',
    stable: { '5.9': 9 },
    architecture: 'arm64',
    subject: 'placement',
    now: 'kexec_file_load searches for the kernel again higher up where the others find no place beside it',
    before: 'kexec_file_load searches for the kernel once, and fails if the others find no place beside it',
    source: '108aa503657e arm64: kexec_file: try more regions if loading segments fails',
  },
  'ram-from-top': {
    since: '6.8',
    architecture: 'x86_64',
    subject: 'placement',
    now: 'kexec_file_load searches from the highest range of RAM down',
    before:
      'kexec_file_load searches each range from its top, but the lowest range first: purgatory lies below 1 MiB',
    source: 'the series "kexec_file: load kernel at top of system RAM if required" (November 2023)',
  },
  'kexec-handover': {
    since: '6.16',
    subject: 'placement',
    now: 'with Kexec Handover on, kexec_file_load places segments in its scratch areas alone, and hands memory over',
    before: 'there is no Kexec Handover',
    source:
      'the series "kexec: introduce Kexec HandOver (KHO)" (May 2025); kernel/kexec_handover.c, not in 6.12',
  },
  'cma-segments': {
    since: '6.17',
    subject: 'placement',
    now: 'kexec_file_load may place segments in the CMA area, unless it is called with KEXEC_FILE_NO_CMA',
    before: 'kexec_file_load takes no pages of CMA, and refuses that flag with EINVAL',
    source: 'kexec_alloc_contig() of kernel/kexec_core.c, in 7.3 and not in 6.12',
  },
  'rng-seed': {
    since: '5.4',
    architecture: 'arm64',
    subject: 'device tree',
    now: 'kexec_file_load adds rng-seed beside kaslr-seed',
    before: 'kexec_file_load adds kaslr-seed alone, and leaves rng-seed as it is',
    source: 'arm64: kexec_file: add rng-seed support (August 2019)',
  },
  'common-tree': {
    since: '5.13',
    architecture: 'arm64',
    subject: 'device tree',
    now: 'kexec_file_load adds a missing /chosen, and linux,booted-from-kexec; it reserves initrd and elfcorehdr, and deletes the reservation of the old initrd and the IMA buffer',
    before: 'kexec_file_load does none of these: without /chosen it fails, and reservations stay as they are',
    source: 'ac10be5cdbfa arm64: Use common of_kexec_alloc_and_setup_fdt()',
  },
  'old-tree-reservation': {
    since: '6.13',
    stable: { '6.6': 64, '6.11': 11, '6.12': 2 },
    architecture: 'arm64',
    subject: 'device tree',
    now: 'kexec_file_load deletes the reservation of the old device tree',
    before: 'kexec_file_load does not find the reservation of the old device tree, and keeps it',
    source: 'b2473a359763 of/fdt: add dt_phys arg to early_init_dt_scan and early_init_dt_verify',
  },
  'dma-ranges': {
    since: '5.11',
    architecture: 'arm64',
    subject: 'crashkernel=',
    now: 'low memory ends where dma-ranges of the device tree say',
    before: 'low memory is 4 GiB, counted from the multiple of 4 GiB at which RAM begins',
    source: "8424ecdde7df arm64: mm: Set ZONE_DMA size based on devicetree's dma-ranges",
  },
  'crashkernel-high': {
    since: '5.19',
    architecture: 'arm64',
    subject: 'crashkernel=',
    now: '",high" and ",low" reserve, and a crash kernel may have two regions',
    before: 'parameters with ",high" and ",low" are ignored',
    source: '944a45abfabc arm64: kdump: Reimplement crashkernel=X',
  },
  'rounded-ram': {
    since: '6.0',
    subject: 'crashkernel=',
    now: 'RAM is rounded up to 128 MiB before it is compared with ranges',
    before: 'RAM is compared with ranges as it is',
    source: 'parse_crashkernel_mem() of kernel/crash_core.c, in 6.1 and not in 5.10',
  },
  'crashkernel-fallback': {
    since: '6.2',
    architecture: 'arm64',
    subject: 'crashkernel=',
    now: 'SIZE is reserved above if there is no room below; beside a region above, 128 MiB below are the default',
    before: 'SIZE is reserved below or not at all; beside ",high", nothing below is the default',
    source:
      'a9ae89df7377 arm64: kdump: Support crashkernel=X fall back to reserve region above DMA zones, and a149cf00b158',
  },
  'crash-dump-option': {
    since: '6.9',
    subject: 'crashkernel=',
    now: 'only kernels with CONFIG_CRASH_DUMP reserve',
    before:
      'kernels with CONFIG_KEXEC or CONFIG_KEXEC_FILE reserve; only a capture kernel needs CONFIG_CRASH_DUMP',
    source: '40254101d878 arm64, crash: wrap crash dumping code into crash related ifdefs',
  },
  'crashkernel-cma': {
    since: '6.17',
    subject: 'crashkernel=',
    now: '",cma" is a suffix',
    before: 'a parameter with ",cma" is malformed',
    source: '35c18f2933c5 Add a new optional ",cma" suffix to the crashkernel= command line option',
  },
  'crash-cma': {
    since: '7.3',
    architecture: 'arm64',
    subject: 'crashkernel=',
    now: '"SIZE,cma" beside another size reserves CMA ranges, which a crash kernel gets as further RAM and does not dump',
    before: '"SIZE,cma" reserves nothing, from 6.17 on',
    source:
      'crashk_cma_ranges in of_kexec_alloc_and_setup_fdt(), crash_cma_ranges of /sys/kernel/kexec: in 7.3 and not in 6.12',
  },
  'dm-crypt-keys': {
    since: '7.3',
    architecture: 'arm64',
    subject: 'placement',
    now: 'with CONFIG_CRASH_DM_CRYPT, kexec_file_load of a crash kernel adds the dm-crypt keys, anywhere in the crash region, and linux,dmcryptkeys',
    before: 'kexec_file_load hands no keys to a crash kernel',
    source: 'crash_load_dm_crypt_keys() in load_other_segments(), in 7.3 and not in 6.12',
  },
  'forgiven-signatures': {
    since: '5.9',
    subject: 'signatures',
    now: 'without CONFIG_KEXEC_SIG_FORCE, lockdown and a policy of IMA, any error of a signature is forgiven',
    before:
      'from 5.4 on, only ENODATA, ENOPKG and ENOKEY are forgiven; before, CONFIG_KEXEC_VERIFY_SIG forgives none',
    source: 'fd7af71be542 kexec: do not verify the signature without the lockdown or mandatory signature',
  },
  'ima-arch-policy': {
    since: '5.11',
    architecture: 'arm64',
    subject: 'signatures',
    now: 'with CONFIG_IMA_ARCH_POLICY, signatures are binding under Secure Boot',
    before: 'that option is for other architectures',
    source: '25519d683442 ima: generalize x86/EFI arch glue for other EFI architectures',
  },
  'revoked-certificates': {
    since: '5.13',
    subject: 'signatures',
    now: 'a certificate in dbx revokes',
    before: 'a certificate in dbx revokes nothing',
    source: '56c5812623f9 certs: Add EFI_CERT_X509_GUID support for dbx entries',
  },
  'all-keyrings': {
    since: '6.0',
    stable: { '5.15': 72, '5.19': 4 },
    architecture: 'arm64',
    subject: 'signatures',
    now: 'secondary, machine and platform are searched, as far as they are configured',
    before: 'builtin alone is searched',
    source: '0d519cadf751 arm64: kexec_file: use more system keyrings to verify kernel image signature',
  },
  'sha256-blacklist': {
    since: '7.0',
    subject: 'signatures',
    now: 'an X509_SHA256 entry of dbx is compared with the SHA-256 of a certificate',
    before: "it is compared with the digest by the hash of the certificate's signature",
    source: 'crypto/asymmetric_keys/x509_public_key.c, in 7.3 and not in 6.12',
  },
  'ml-dsa': {
    since: '7.0',
    subject: 'signatures',
    now: 'ML-DSA is verified, with CONFIG_CRYPTO_MLDSA',
    before: 'signatures with ML-DSA are ENOPKG, and certificates with it are skipped',
    source: 'crypto/asymmetric_keys/x509_cert_parser.c, in 7.3 and not in 6.12',
  },
} as const satisfies Readonly<Record<string, KernelChange>>;

/** The name of a change in {@link KERNEL_CHANGES}. */
export type KernelChangeName = keyof typeof KERNEL_CHANGES;

/** The release that stands for one that is not known: that of the kernel which this project is held against. */
const ASSUMED_RELEASE = '6.12.117';

/**
 * Whether a kernel has a change, by its number. Distributions' kernels may have changes of later releases: their number
 * does not say so.
 *
 * @param release - as `uname -r` prints it; without one, or without a number in it, that of Linux 6.12 counts
 */
export function hasChange(release: string | undefined, name: KernelChangeName): boolean {
  const { since, stable }: KernelChange = KERNEL_CHANGES[name];
  const [major = 0, minor = 0] = since.split('.').map(Number);
  const known = isReleaseBefore(release, major, minor) === undefined ? ASSUMED_RELEASE : release;
  if (isReleaseBefore(known, major, minor) !== true) return true;
  const [, series = '', update] = /^(\d+\.\d+)\.(\d+)/.exec(known ?? '') ?? [];
  const first = stable?.[series];
  return first !== undefined && Number(update) >= first;
}

/**
 * Whether a machine's kernel lacks a change that concerns its architecture. A change of another architecture is lacked by no
 * kernel: what it changed was never there.
 */
export function lacksChange(
  { architecture, kernel }: Pick<MachineFacts, 'architecture' | 'kernel'>,
  name: KernelChangeName,
): boolean {
  return isConcerned(architecture, name) && !hasChange(kernel?.release, name);
}

function isConcerned(architecture: string, name: KernelChangeName): boolean {
  const { architecture: only }: KernelChange = KERNEL_CHANGES[name];
  return only === undefined || only === architecture;
}

/** Lists what decides where kexec_file_load places segments, and what it writes into the device tree of the next kernel. */
export function listFileLoadChanges(architecture: string): readonly KernelChangeName[] {
  return (['rng-seed', 'second-search', 'common-tree', 'ram-from-top'] as const).filter((name) =>
    isConcerned(architecture, name),
  );
}

/** Describes what a kernel does that lacks changes, one text for each that it lacks. */
export function describeLacks(release: string | undefined, names: readonly KernelChangeName[]): string[] {
  return names
    .filter((name) => !hasChange(release, name))
    .map((name) => `${KERNEL_CHANGES[name].before} (before Linux ${KERNEL_CHANGES[name].since})`);
}

/**
 * Whether a release is one of a distribution that keeps the number of a release for years and adds changes of later
 * ones: RHEL and its relatives, SLES, openEuler, Android. Their kernels may have changes that their number lacks.
 */
export function mayHaveLaterChanges(release: string | undefined): boolean {
  return /\.(?:el|oe|an|tl)\d|\.\d+\.\d+-1[2-9]\d{4}\.|-android\d/.test(release ?? '');
}
