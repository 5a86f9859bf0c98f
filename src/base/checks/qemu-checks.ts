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
    cure: 'install qemu-system-aarch64 (Debian: qemu-system-arm); give a slow guest more time with --timeout',
  },
  'qemu-machine': {
    rule: 'QEMU boots only machines that were recorded from QEMU',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave out --machine, and describe the virtual machine with --memory, --smp, --cpu and --el',
  },
} as const satisfies CheckTable;
