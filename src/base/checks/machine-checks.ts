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
  'bzimage-firmware': {
    rule: 'the firmware is 64-bit if its runtime services are in use',
    source: 'bzImage64_probe()',
    errnos: ['ENOEXEC'],
    cure: 'boot with efi=noruntime, or reboot through firmware',
  },
  'bzimage-levels': {
    rule: 'the kernel can be entered with page tables of five levels, if the running kernel uses them',
    source: 'bzImage64_probe()',
    errnos: ['ENOEXEC'],
    cure: 'take a kernel of Linux 5.3 or later, or boot the running kernel with no5lvl',
  },
  'running-purgatory': {
    rule: 'the purgatory of the running kernel, which x86_64 places first, is known, or at least its size',
    source: 'kexec_load_purgatory()',
    errnos: ['EINVAL', 'ENODATA'],
    cure: "record the machine again with the running kernel's file at hand (/boot/vmlinuz-$(uname -r)): its purgatory is in it",
  },
  'boot-params': {
    rule: "the next kernel's boot parameters have its memory map, and what the running kernel knows of screen, disks and firmware",
    source: 'setup_boot_parameters()',
    errnos: [],
    cure: 'record the machine again, as root: /sys/firmware/memmap and /sys/kernel/boot_params are read there',
  },
  'machine-architecture': {
    rule: 'kexec-file can load kernels on machines of this architecture',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'use a machine of an architecture that this version of kexec-file supports',
  },
  'machine-facts': {
    rule: 'the machine file has the ranges of RAM and, on arm64, a device tree',
    source: 'kexec-file',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'record the machine again, as root (kexec-file machine record); an arm64 machine that has only ACPI needs a device tree, too',
  },
} as const satisfies CheckTable;
