import { buildFileReading, type Source } from './source.js';

/**
 * The facts that only x86_64 machines have: a file that is missing is no unknown fact elsewhere. `recordX86Machine()`
 * names those that are.
 */
export const X86_SOURCES: readonly Source[] = [
  {
    name: 'memmap',
    form: 'text',
    from: {
      kind: 'folders',
      path: '/sys/firmware/memmap',
      prefix: '',
      files: ['start', 'end', 'type'],
    },
    purpose: "the firmware's memory map, which the next kernel gets (x86_64)",
  },
  {
    name: 'boot-params',
    form: 'bytes',
    from: buildFileReading('/sys/kernel/boot_params/data'),
    purpose: 'the boot parameters, some of which the next kernel gets (x86_64)',
  },
  {
    name: 'kcore-headers',
    form: 'bytes',
    from: { kind: 'elf-headers', path: '/proc/kcore' },
    purpose: 'where the kernel lies, and how it maps RAM (x86_64)',
    unless: { file: 'cpuinfo', has: ['CPU implementer'] },
  },
  {
    name: 'crash-elfcorehdr-size',
    form: 'text',
    from: buildFileReading('/sys/kernel/crash_elfcorehdr_size', '/sys/kernel/kexec/crash_elfcorehdr_size'),
    purpose: 'the room for an ELF core header that is updated when memory is plugged (x86_64)',
  },
  {
    name: 'efi-fw-vendor',
    form: 'text',
    from: buildFileReading('/sys/firmware/efi/fw_vendor'),
    purpose: 'what the next kernel gets of UEFI (x86_64)',
  },
  {
    name: 'efi-config-table',
    form: 'text',
    from: buildFileReading('/sys/firmware/efi/config_table'),
    purpose: 'the same',
  },
  {
    name: 'efi-runtime-map',
    form: 'text',
    from: {
      kind: 'folders',
      path: '/sys/firmware/efi/runtime-map',
      prefix: '',
      files: ['type', 'phys_addr', 'virt_addr', 'num_pages', 'attribute'],
    },
    purpose: 'the memory of UEFI that the next kernel maps again (x86_64)',
  },
];
