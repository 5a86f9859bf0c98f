import type { CheckTable } from './rule.js';

const ELFSPEC = 'ELF-64 object file format; ELF for the Arm 64-bit architecture';

const OWN = 'install kexec-file again, or build its purgatory again (npm run assembly)';

/** Purgatory, which runs between the two kernels, and the object file that it is built from. */
export const PURGATORY_CHECKS = {
  'purgatory-regions': {
    rule: 'purgatory verifies at most 16 segments, its own excluded',
    source: 'docs/purgatory.md',
    errnos: ['EINVAL'],
    cure: 'load fewer segments, or switch off their verification (kexec --no-checks)',
  },
  'purgatory-map': {
    rule: 'purgatory maps addresses of at most 48 bits, and each page with one kind of access',
    source: 'Arm Architecture Reference Manual, D8.3',
    errnos: ['EINVAL'],
    cure: 'place the segments lower with --mem-max, or silence purgatory with --serial none',
  },
  'purgatory-serial': {
    rule: 'purgatory writes to a PL011 or an 8250 whose page no segment uses; on x86_64 to an 8250, in memory or at ports',
    source: 'docs/purgatory.md',
    errnos: ['EINVAL'],
    cure: 'name the UART with --serial, or silence purgatory with --serial none',
  },
  'purgatory-mismatch': {
    rule: 'purgatory resets an arm64 machine by PSCI, through the conduit that the device tree or ACPI names',
    source: 'Arm Power State Coordination Interface (DEN0022), section 5.1',
    errnos: ['EINVAL'],
    cure: 'let purgatory halt instead: --on-mismatch halt',
  },
  'elf-header': {
    rule: 'an object file is a relocatable 64-bit little-endian AArch64 ELF file of at most 1 MiB',
    source: ELFSPEC,
    errnos: ['ENOEXEC'],
    cure: OWN,
  },
  'elf-section': {
    rule: 'sections lie within the file, do not overlap, and take at most 1 MiB of memory at aligned addresses',
    source: ELFSPEC,
    errnos: ['EINVAL', 'ENOEXEC'],
    cure: OWN,
  },
  'elf-symbol': {
    rule: 'a symbol that is used is defined in a loaded section',
    source: ELFSPEC,
    errnos: ['EINVAL', 'ENOEXEC'],
    cure: OWN,
  },
  'elf-relocation': {
    rule: 'a relocation has a known type, and its value is in range and aligned',
    source: ELFSPEC,
    errnos: ['ENOEXEC'],
    cure: OWN,
  },
} as const satisfies CheckTable;
