import type { CheckTable } from './rule.js';

/** Crash kernels: their region and their elfcorehdr. */
export const CRASH_CHECKS = {
  'crash-region': {
    rule: 'a crash kernel needs a crash region, which crashkernel= on the running command line reserves',
    source: 'kimage_file_alloc_init()',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'add crashkernel= to the running command line (kexec-file crash estimate computes its size), and reboot',
  },
  elfcorehdr: {
    rule: 'elfcorehdr describes the notes of every CPU, VMCOREINFO, the kernel, and the RAM outside the crash regions',
    source: 'crash_prepare_elf64_headers()',
    errnos: ['EINVAL'],
    cure: 'record the machine as root, or load with --syscall file where the kernel has CONFIG_KEXEC_FILE',
  },
  'segment-crash': {
    rule: 'the segments and the entry of a crash kernel lie in the crash region',
    source: 'sanity_check_segment_list()',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'leave out --entry, --mem-min and --mem-max, or give them addresses in the crash region',
  },
  'crash-estimate': {
    rule: 'a crash region takes at most half of the RAM',
    source: 'kexec-file',
    errnos: ['ENOMEM'],
    cure: 'use a smaller crash kernel or a smaller initrd for it (MODULES=dep, dracut --hostonly), or add RAM',
  },
} as const satisfies CheckTable;
