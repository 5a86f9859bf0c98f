import type { CheckTable } from './rule.js';

/** What a kernel needs of the machine. */
export const MACHINE_CHECKS = {
  'image-endianness': {
    rule: 'the Image has the byte order of the running kernel, or the CPUs support both',
    source: 'image_load()',
    errnos: ['EINVAL'],
    cure: 'use a little-endian kernel, or a machine whose CPUs support both byte orders',
  },
  'image-granule': {
    rule: "the CPUs support the Image's page size (translation granule)",
    source: 'image_load()',
    errnos: ['EINVAL'],
    cure: 'use a kernel with a page size that the CPUs support (CONFIG_ARM64_4K_PAGES, _16K_PAGES or _64K_PAGES)',
  },
  'machine-architecture': {
    rule: 'kexec-file can load kernels on machines of this architecture',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'use a machine of an architecture that this version of kexec-file supports',
  },
  'machine-facts': {
    rule: 'the machine file has the ranges of RAM and a device tree',
    source: 'kexec-file',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'record the machine again, as root (kexec-file machine record); a machine that has only ACPI needs a device tree, too',
  },
} as const satisfies CheckTable;
