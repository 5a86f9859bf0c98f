/** What Debian's kernels read beside the kernel's own, and which their EFI stub writes: the state of Secure Boot. */
export const SECURE_BOOT_PROPERTY = 'linux,uefi-secure-boot';

/** By the first, the kernel decides whether it was booted by UEFI. */
export const SYSTEM_TABLE_PROPERTY = 'linux,uefi-system-table';

/**
 * The properties of /chosen by which the kernel finds UEFI's tables, and through them ACPI's, in the order in which it
 * reads them: Documentation/arch/arm/uefi.rst, kernel function `efi_get_fdt_params()`.
 */
export const UEFI_PROPERTIES = [
  SYSTEM_TABLE_PROPERTY,
  'linux,uefi-mmap-start',
  'linux,uefi-mmap-size',
  'linux,uefi-mmap-desc-size',
  'linux,uefi-mmap-desc-ver',
  SECURE_BOOT_PROPERTY,
] as const;
