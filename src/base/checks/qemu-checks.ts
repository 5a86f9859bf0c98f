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
    cure: 'the --help of the command describes the options; qemu-system-aarch64 -M virt -cpu help lists the CPU models, for a PC qemu-system-x86_64 -cpu help',
  },
  'qemu-options': {
    rule: "QEMU's options for a machine are a board (virt with its features, q35, pc), a CPU model, and sizes; they name no file",
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'record the machine again (kexec-file machine record --qemu): a machine file with other options comes from elsewhere',
  },
  'qemu-firmware': {
    rule: 'UEFI firmware for the board of QEMU is installed, and the kernel has the EFI stub by which UEFI starts it',
    source: 'kexec-file',
    errnos: ['ENOENT', 'EINVAL'],
    cure: 'install it (on Debian: apt-get install qemu-efi-aarch64, for a PC ovmf), or leave it out with --firmware none',
  },
  'qemu-machine': {
    rule: 'QEMU boots the segments of a plan only on machines whose file has the options of QEMU (qemu)',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave out --machine, and describe the virtual machine with --memory, --smp, --cpu and --el',
  },
} as const satisfies CheckTable;
