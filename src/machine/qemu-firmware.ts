/** What QEMU's board starts: the kernel itself, or UEFI firmware, which starts the kernel and gives it ACPI tables. */
export const QEMU_FIRMWARE = ['none', 'uefi'] as const;

export type QemuFirmware = (typeof QEMU_FIRMWARE)[number];
