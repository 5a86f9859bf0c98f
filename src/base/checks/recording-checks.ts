import type { CheckTable } from './rule.js';

const RECORD_AGAIN = 'record the machine again, as root: kexec-file machine record, or machine collector';

/** Machine files, and what they are made of. */
export const RECORDING_CHECKS = {
  'iomem-line': {
    rule: 'a line is START-END : NAME in hex, and ranges nest',
    source: '/proc/iomem, r_show()',
    errnos: ['EINVAL'],
    cure: 'read /proc/iomem as root, and whole',
  },
  'memblock-line': {
    rule: 'a line is N: START..END, with node and flags on newer kernels',
    source: 'memblock_debug_show()',
    errnos: ['EINVAL'],
    cure: 'read /sys/kernel/debug/memblock/memory and reserved as root, and whole',
  },
  'range-order': {
    rule: 'a range does not end before it starts, and stays within 64 bits',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'give the lower address first; --mem-min is not above --mem-max',
  },
  'machine-schema': {
    rule: 'a machine file has the fields of its format version',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: RECORD_AGAIN,
  },
  'machine-text': {
    rule: 'a collected file has the form in which the kernel prints it',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: RECORD_AGAIN,
  },
  'machine-archive': {
    rule: 'collected files are a folder or a tar whose checksums fit, of at most 32 MiB; a text has at most 2 MiB',
    source: 'kexec-file',
    errnos: ['EINVAL', 'EFBIG'],
    cure: 'collect the files again (kexec-file machine collector), and copy the tar in binary mode',
  },
  'machine-live': {
    rule: 'a machine that records itself runs Linux on arm64',
    source: 'kexec-file',
    errnos: ['EOPNOTSUPP'],
    cure: 'run it on the arm64 machine, or give --machine, --from or --qemu',
  },
} as const satisfies CheckTable;
