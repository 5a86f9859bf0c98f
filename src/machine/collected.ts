/** The files that were collected on a machine, by their names. One that could not be read is left out. */
export interface Collected {
  /** `/proc/iomem`, read as root. */
  readonly iomem?: string | undefined;
  /** `/sys/firmware/fdt`. */
  readonly fdt?: Uint8Array | undefined;
  /** `/proc/cmdline`. */
  readonly cmdline?: string | undefined;
  /** `/sys/kernel/debug/memblock/memory`. */
  readonly 'memblock-memory'?: string | undefined;
  /** `/sys/kernel/debug/memblock/reserved`. */
  readonly 'memblock-reserved'?: string | undefined;
  /** `/proc/meminfo`. */
  readonly meminfo?: string | undefined;
  /** `/proc/sys/kernel/osrelease`. */
  readonly release?: string | undefined;
  /** The kernel's configuration. */
  readonly config?: string | undefined;
  /** `/proc/cpuinfo`. */
  readonly cpuinfo?: string | undefined;
  /** `/sys/devices/system/cpu/possible`. */
  readonly 'cpu-possible'?: string | undefined;
  /** The VMCOREINFO text. */
  readonly vmcoreinfo?: string | undefined;
  /** `/sys/kernel/vmcoreinfo`: where the note with that text lies. */
  readonly 'vmcoreinfo-note'?: string | undefined;
  /** A line `cpuN ADDRESS SIZE` for each CPU, of its `crash_notes` and `crash_notes_size`. */
  readonly 'crash-notes'?: string | undefined;
  /** The lines of `_text` and `_end` in `/proc/kallsyms`. */
  readonly kallsyms?: string | undefined;
  /** `/sys/kernel/security/lockdown`. */
  readonly lockdown?: string | undefined;
  /** `/proc/sys/kernel/kexec_load_disabled`. */
  readonly 'kexec-load-disabled'?: string | undefined;
  /** `/proc/sys/kernel/kexec_load_limit_reboot`. */
  readonly 'kexec-load-limit-reboot'?: string | undefined;
  /** `/proc/sys/kernel/kexec_load_limit_panic`. */
  readonly 'kexec-load-limit-panic'?: string | undefined;
  /** `/sys/kernel/security/lsm`. */
  readonly 'security-modules'?: string | undefined;
  /** `/sys/fs/selinux/enforce`. */
  readonly 'selinux-enforce'?: string | undefined;
  /** `/sys/kernel/security/ima/policy`. */
  readonly 'ima-policy'?: string | undefined;
  /** `/sys/class/dmi/id/sys_vendor`. */
  readonly 'dmi-sys-vendor'?: string | undefined;
  /** The files of boot loaders that the machine has, a path on each line. */
  readonly 'boot-files'?: string | undefined;
  /** EFI variables as efivarfs gives them. */
  readonly 'efivar-db'?: Uint8Array | undefined;
  readonly 'efivar-dbx'?: Uint8Array | undefined;
  readonly 'efivar-MokListRT'?: Uint8Array | undefined;
  readonly 'efivar-MokListXRT'?: Uint8Array | undefined;
  readonly 'efivar-SecureBoot'?: Uint8Array | undefined;
  readonly 'efivar-SetupMode'?: Uint8Array | undefined;
  readonly 'efivar-LoaderInfo'?: Uint8Array | undefined;
  readonly 'efivar-StubInfo'?: Uint8Array | undefined;
}
