import type { CheckTable } from './rule.js';

/** Conditions of kexec-file before it makes a system call. */
export const LIVE_CHECKS = {
  'live-platform': {
    rule: 'kexec-file makes the system calls of kexec on Linux for arm64 and x86_64, through koffi',
    source: 'kexec-file',
    errnos: ['EINVAL', 'ENOSYS'],
    cure: 'run it on the machine that has to start the kernel, with Linux for arm64 or x86_64; elsewhere, kexec-file plan, boot and explain show what it would do',
  },
  'live-option': {
    rule: 'the chosen system call supports every option of the command',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave out the option, or load with the other system call: --syscall segments',
  },
  'live-machine': {
    rule: 'a machine file is used on the machine that it was recorded on, in the same boot',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave out --machine, or record this machine again in this boot (kexec-file machine record)',
  },
  'live-state': {
    rule: 'kexec executes a kernel that was loaded before',
    source: 'kernel_kexec()',
    errnos: ['EINVAL'],
    cure: 'load a kernel first (kexec-file load); kexec-file status prints what is loaded',
  },
} as const satisfies CheckTable;
