import type { CheckTable } from './rule.js';

/** Whether the CPUs can run a kernel. */
export const MACHINE_CHECKS = {
  'image-endianness': {
    rule: "the Image's byte order is the running kernel's, or the CPUs can do both",
    source: 'image_load()',
    errnos: ['EINVAL'],
    cure: 'take a little-endian kernel, or a machine whose CPUs run both byte orders',
  },
  'image-granule': {
    rule: "the CPUs have the Image's translation granule",
    source: 'image_load()',
    errnos: ['EINVAL'],
    cure: 'take a kernel with pages that the CPUs have (CONFIG_ARM64_4K_PAGES, _16K_PAGES or _64K_PAGES)',
  },
  'machine-facts': {
    rule: 'the machine says where its RAM is and has a device tree',
    source: 'kexec-file',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'record the machine again, as root (kexec-file machine record); a machine with ACPI alone needs one too',
  },
} as const satisfies CheckTable;
