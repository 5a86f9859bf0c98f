/**
 * The options of a kernel's configuration that this project uses, without `CONFIG_`: those that decide about kexec and
 * kdump, the CPUs' page tables, the compression of initrds, consoles, and signatures.
 */
export const KERNEL_OPTIONS: readonly string[] = [
  // kexec and kdump
  'KEXEC',
  'KEXEC_FILE',
  'KEXEC_SIG',
  // Before 5.4: signatures are checked, and binding.
  'KEXEC_VERIFY_SIG',
  'KEXEC_SIG_FORCE',
  'KEXEC_IMAGE_VERIFY_SIG',
  'KEXEC_BZIMAGE_VERIFY_SIG',
  'KEXEC_HANDOVER',
  'KEXEC_HANDOVER_ENABLE_DEFAULT',
  'LIVEUPDATE',
  'CRASH_DUMP',
  'CRASH_DM_CRYPT',
  // The room for an ELF core header that is updated when memory is plugged
  'CRASH_HOTPLUG',
  'CRASH_MAX_MEMORY_RANGES',
  'NR_CPUS_DEFAULT',
  'MEMORY_HOTPLUG',
  // Whether free memblock is searched, instead of iomem
  'ARCH_KEEP_MEMBLOCK',
  'PROC_VMCORE',
  'PROC_KCORE',
  'RELOCATABLE',
  'RANDOMIZE_BASE',
  'DMA_CMA',
  'CMA_SIZE_MBYTES',
  'HOTPLUG_CPU',
  'DEBUG_FS',
  // The CPUs and their page tables
  'ARM64_4K_PAGES',
  'ARM64_16K_PAGES',
  'ARM64_64K_PAGES',
  'ARM64_VA_BITS',
  'ARM64_PA_BITS',
  'CPU_BIG_ENDIAN',
  'X86_5LEVEL',
  // What x86's loader hands on, beside the firmware's memory map
  'EFI_MIXED',
  'EFI_RUNTIME_MAP',
  'FIRMWARE_MEMMAP',
  'OF_EARLY_FLATTREE',
  'INTEL_TDX_HOST',
  'UNACCEPTED_MEMORY',
  // Initrds
  'BLK_DEV_INITRD',
  'RD_GZIP',
  'RD_BZIP2',
  'RD_LZMA',
  'RD_XZ',
  'RD_LZO',
  'RD_LZ4',
  'RD_ZSTD',
  // Consoles
  'SERIAL_EARLYCON',
  'SERIAL_8250',
  'SERIAL_8250_CONSOLE',
  'SERIAL_OF_PLATFORM',
  'SERIAL_AMBA_PL011',
  'SERIAL_AMBA_PL011_CONSOLE',
  'VIRTIO_CONSOLE',
  'HVC_DRIVER',
  // Signatures, IMA, lockdown
  'MODULE_SIG',
  'SYSTEM_TRUSTED_KEYRING',
  'SECONDARY_TRUSTED_KEYRING',
  // Always with IMA: without it, a machine file is older than the two options below, and IMA's others.
  'INTEGRITY',
  'INTEGRITY_TRUSTED_KEYRING',
  'INTEGRITY_PLATFORM_KEYRING',
  'INTEGRITY_MACHINE_KEYRING',
  'CRYPTO_MLDSA',
  // Without the former, a machine file is older than the latter.
  'SYSTEM_BLACKLIST_KEYRING',
  'SYSTEM_REVOCATION_LIST',
  'EFI',
  'EFI_DISABLE_RUNTIME',
  'SECURITY_SELINUX',
  'SECURITY_APPARMOR',
  'SECURITY_LOCKDOWN_LSM',
  'SECURITY_LOCKDOWN_LSM_EARLY',
  'LOCK_DOWN_KERNEL_FORCE_NONE',
  'LOCK_DOWN_KERNEL_FORCE_INTEGRITY',
  'LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY',
  'LOCK_DOWN_IN_EFI_SECURE_BOOT',
  'IMA',
  'IMA_APPRAISE',
  'IMA_APPRAISE_BOOTPARAM',
  'IMA_APPRAISE_BUILD_POLICY',
  'IMA_APPRAISE_REQUIRE_KEXEC_SIGS',
  'IMA_APPRAISE_SIGNED_INIT',
  'IMA_APPRAISE_MODSIG',
  'IMA_ARCH_POLICY',
  // Either of them: IMA asks whether Secure Boot is on.
  'IMA_SECURE_AND_OR_TRUSTED_BOOT',
  'HAVE_ARCH_GET_SECUREBOOT',
  'IMA_KEXEC',
];

/**
 * The options of a kernel's configuration that matter to kexec, without `CONFIG_`. Options that are not set are absent.
 */
export type KernelOptions = Readonly<Record<string, string>>;

/** Whether an option is built in; undefined if the configuration is unknown. */
export function isBuiltIn(options: KernelOptions | undefined, name: string): boolean | undefined {
  return options === undefined ? undefined : options[name] === 'y';
}

/**
 * Parses the {@link KERNEL_OPTIONS} of a configuration (`/boot/config-$(uname -r)`, `/proc/config.gz`): `y`, `m`, a
 * number, or a text without its quotes. An option that is not set is absent. Lines that are no options are ignored, as
 * the kernel's own configuration tools ignore them.
 *
 * @param more - further options to parse
 */
export function parseKernelConfig(text: string, more: readonly string[] = []): Record<string, string> {
  const known = new Set([...KERNEL_OPTIONS, ...more]);
  const options: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) {
    if (known.has(name)) options[name] = value.trim().replace(/^"(.*)"$/, '$1');
  }
  return options;
}
