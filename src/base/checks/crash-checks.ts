import type { CheckTable } from './rule.js';

/** What a crash kernel needs. */
export const CRASH_CHECKS = {
  'crash-region': {
    rule: 'a crash kernel needs a crash region: crashkernel= on the running command line',
    source: 'kimage_file_alloc_init()',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'reserve memory: crashkernel= on the running command line (kexec-file crash estimate tells how much), and boot again',
  },
  elfcorehdr: {
    rule: 'a crash kernel is told of the notes of every CPU, VMCOREINFO, the kernel, and RAM less the crash regions',
    source: 'crash_prepare_elf64_headers()',
    errnos: ['EINVAL'],
    cure: 'record the machine as root, or load with --syscall file where the kernel has CONFIG_KEXEC_FILE',
  },
  'segment-crash': {
    rule: 'segments and entry of a crash kernel lie in the crash region',
    source: 'sanity_check_segment_list()',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'leave out --entry, --mem-min and --mem-max, or give addresses in the crash region',
  },
  'crash-estimate': {
    rule: 'a crash region is at most as large as the RAM leaves',
    source: 'kexec-file',
    errnos: ['ENOMEM'],
    cure: 'make the initrd of the crash kernel smaller (MODULES=dep, dracut --hostonly)',
  },
} as const satisfies CheckTable;
