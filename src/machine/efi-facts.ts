/** EFI runtime services that the kernel shows by a device each, if the firmware has them and they are not disabled. */
export const EFI_SERVICES = ['variables', 'time'] as const;

export type EfiService = (typeof EFI_SERVICES)[number];

/** The devices that kernel function `efisubsys_init()` creates for services. */
export const EFI_DEVICES: readonly { readonly service: EfiService; readonly path: string }[] = [
  { service: 'variables', path: '/sys/bus/platform/devices/efivars.0' },
  { service: 'time', path: '/sys/bus/platform/devices/rtc-efi.0' },
];

/** What the kernel of a machine that was booted by UEFI shows of it. A fact that could not be read is left out. */
export interface EfiFacts {
  /** The width of the firmware, in bits. */
  readonly platformSize?: 32 | 64;
  /** The names of the firmware's tables in `/sys/firmware/efi/systab`: `ACPI20`, `SMBIOS3`. */
  readonly tables?: readonly string[];
  /** Empty if runtime services are disabled (`efi=noruntime`), or the firmware has neither. */
  readonly services?: readonly EfiService[];
}
