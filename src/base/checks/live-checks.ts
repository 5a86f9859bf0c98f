import type { CheckTable } from './rule.js';

/** What kexec-file asks for before it makes a system call. */
export const LIVE_CHECKS = {
  'live-platform': {
    rule: 'the system calls of kexec are made on arm64 Linux, through koffi',
    source: 'kexec-file',
    errnos: ['EINVAL', 'ENOSYS'],
    cure: 'run it on the arm64 machine; elsewhere kexec-file plan, boot and explain tell what it would do',
  },
  'live-option': {
    rule: 'every option has its effect: what the system call cannot take is refused',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave the option out, or load by the other system call: --syscall segments',
  },
  'live-machine': {
    rule: 'a machine file is loaded on the machine that it was recorded on',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'leave --machine out, or record this machine, since it was booted (kexec-file machine record)',
  },
  'live-state': {
    rule: 'a kernel is loaded before it is executed',
    source: 'kernel_kexec()',
    errnos: ['EINVAL'],
    cure: 'load one first: kexec-file load; kexec-file status tells what is loaded',
  },
} as const satisfies CheckTable;
