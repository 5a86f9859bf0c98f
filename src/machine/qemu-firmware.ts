/**
 * What QEMU's board starts: with `none`, the kernel itself, on a PC by SeaBIOS; or UEFI firmware, which starts the kernel
 * and gives it ACPI tables.
 */
export const QEMU_FIRMWARE = ['none', 'uefi'] as const;

export type QemuFirmware = (typeof QEMU_FIRMWARE)[number];
