/** UEFI firmware for QEMU's machine "virt", of Debian's package qemu-efi-aarch64. */
export const UEFI_FIRMWARE = '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd';
