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
  /** `/sys/kernel/kexec/crash_cma_ranges`. */
  readonly 'crash-cma-ranges'?: string | undefined;
  /** The folders of `/sys/kernel/config/crash_dm_crypt_keys`: a line for each, its name, a tab, its `description`. */
  readonly 'dm-crypt-keys'?: string | undefined;
  /** `/sys/kernel/config/crash_dm_crypt_keys/reuse`. */
  readonly 'dm-crypt-reuse'?: string | undefined;
  /** `/proc/meminfo`. */
  readonly meminfo?: string | undefined;
  /** `/proc/sys/kernel/osrelease`. */
  readonly release?: string | undefined;
  /** `/proc/sys/kernel/arch`: the architecture, as `uname -m` prints it. */
  readonly arch?: string | undefined;
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
  /** The ELF header and the program headers of `/proc/kcore`. */
  readonly 'kcore-headers'?: Uint8Array | undefined;
  /** `/sys/kernel/crash_elfcorehdr_size`. */
  readonly 'crash-elfcorehdr-size'?: string | undefined;
  /** A line `N START END TYPE` for each entry of `/sys/firmware/memmap`. */
  readonly memmap?: string | undefined;
  /** `/sys/kernel/boot_params/data`. */
  readonly 'boot-params'?: Uint8Array | undefined;
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
  /** `/sys/kernel/debug/kho/out/scratch_phys`: the address of each scratch area of KHO. */
  readonly 'kho-scratch-phys'?: string | undefined;
  /** `/sys/kernel/debug/kho/out/scratch_len`: their sizes in bytes. */
  readonly 'kho-scratch-len'?: string | undefined;
  /** `/sys/class/dmi/id/sys_vendor`. */
  readonly 'dmi-sys-vendor'?: string | undefined;
  /** `/sys/class/dmi/id/product_name`. */
  readonly 'dmi-product-name'?: string | undefined;
  /** `/sys/class/dmi/id/bios_vendor`. */
  readonly 'dmi-bios-vendor'?: string | undefined;
  /** `/sys/class/dmi/id/bios_version`. */
  readonly 'dmi-bios-version'?: string | undefined;
  /** `/sys/firmware/efi/fw_platform_size`. */
  readonly 'efi-platform-size'?: string | undefined;
  /** `/sys/firmware/efi/systab`. */
  readonly 'efi-systab'?: string | undefined;
  /** `/sys/firmware/efi/fw_vendor`. */
  readonly 'efi-fw-vendor'?: string | undefined;
  /** `/sys/firmware/efi/config_table`. */
  readonly 'efi-config-table'?: string | undefined;
  /** A line `N TYPE PHYS_ADDR VIRT_ADDR NUM_PAGES ATTRIBUTE` for each entry of `/sys/firmware/efi/runtime-map`. */
  readonly 'efi-runtime-map'?: string | undefined;
  /** The devices of EFI runtime services that exist, a path on each line. */
  readonly 'efi-devices'?: string | undefined;
  /** The files of boot loaders that the machine has, a path on each line. */
  readonly 'boot-files'?: string | undefined;
  /** The program makedumpfile: a line `path PATH`, `file PATH` without links, and `version VERSION`. */
  readonly makedumpfile?: string | undefined;
  /** Links by which kdump services are enabled, a path on each line. */
  readonly 'kdump-units'?: string | undefined;
  /** The lines of `/etc/default/kdump-tools` with the settings that are recorded. */
  readonly 'kdump-tools'?: string | undefined;
  /** Such lines of `/etc/kdump.conf`. */
  readonly 'kdump-conf'?: string | undefined;
  /** Such lines of `/etc/sysconfig/kdump`. */
  readonly 'kdump-sysconfig'?: string | undefined;
  /** The ACPI tables that exist, a path on each line. */
  readonly 'acpi-tables'?: string | undefined;
  /** ACPI tables of `/sys/firmware/acpi/tables`: FADT, MADT, SPCR, DBG2 and GTDT. */
  readonly 'acpi-FACP'?: Uint8Array | undefined;
  readonly 'acpi-APIC'?: Uint8Array | undefined;
  readonly 'acpi-SPCR'?: Uint8Array | undefined;
  readonly 'acpi-DBG2'?: Uint8Array | undefined;
  readonly 'acpi-GTDT'?: Uint8Array | undefined;
  /** EFI variables as efivarfs gives them. */
  readonly 'efivar-db'?: Uint8Array | undefined;
  readonly 'efivar-dbx'?: Uint8Array | undefined;
  readonly 'efivar-MokListRT'?: Uint8Array | undefined;
  readonly 'efivar-MokListXRT'?: Uint8Array | undefined;
  readonly 'efivar-MokListTrustedRT'?: Uint8Array | undefined;
  readonly 'efivar-SecureBoot'?: Uint8Array | undefined;
  readonly 'efivar-SetupMode'?: Uint8Array | undefined;
  readonly 'efivar-LoaderInfo'?: Uint8Array | undefined;
  readonly 'efivar-StubInfo'?: Uint8Array | undefined;
}
