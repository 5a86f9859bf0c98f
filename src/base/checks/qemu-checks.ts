import type { CheckTable } from './rule.js';

/** Booting in QEMU. */
export const QEMU_CHECKS = {
  tamper: {
    rule: '--tamper names a byte of a segment',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'name a segment and an offset within it; kexec-file plan prints the segments and their sizes',
  },
  'qemu-run': {
    rule: 'QEMU starts, and ends before the timeout',
    source: 'kexec-file',
    errnos: ['ENOENT', 'EINVAL', 'ETIMEDOUT'],
    cure: 'kexec-file boot --help describes the options; qemu-system-aarch64 -M virt -cpu help lists the CPU models',
  },
  'qemu-options': {
    rule: "QEMU's options for a machine are the board virt and its CPU features, a CPU model, and sizes; they name no file",
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'record the machine again (kexec-file machine record --qemu): a machine file with other options comes from elsewhere',
  },
  'qemu-firmware': {
    rule: 'UEFI firmware for the board virt is installed, and the kernel has the EFI stub by which UEFI starts it',
    source: 'kexec-file',
    errnos: ['ENOENT', 'EINVAL'],
    cure: 'install it (on Debian: apt-get install qemu-efi-aarch64), or leave it out with --firmware none',
  },
  'qemu-machine': {
    rule: 'QEMU boots only machines that were recorded from QEMU',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave out --machine, and describe the virtual machine with --memory, --smp, --cpu and --el',
  },
} as const satisfies CheckTable;
