import type { CheckTable } from './rule.js';

/** Booting in QEMU. */
export const QEMU_CHECKS = {
  tamper: {
    rule: 'what --tamper names is a byte of a segment',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'kexec-file plan tells the segments and their sizes',
  },
  'qemu-run': {
    rule: 'QEMU can be started and ends by itself',
    source: 'kexec-file',
    errnos: ['ENOENT', 'EINVAL', 'ETIMEDOUT'],
    cure: 'install qemu-system-aarch64 (Debian: qemu-system-arm); give what runs long more time with --timeout',
  },
  'qemu-machine': {
    rule: 'the machine is one that QEMU can be',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave --machine out, and say what QEMU is to be with --memory, --smp, --cpu and --el',
  },
} as const satisfies CheckTable;
