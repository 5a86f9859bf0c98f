import type { CheckTable } from './rule.js';

const ELFSPEC = 'ELF-64 object file format; ELF for the Arm 64-bit architecture';

const OWN = 'build purgatory again (npm run assembly), or install kexec-file again';

/** What runs between the kernels, and the object that it is made from. */
export const PURGATORY_CHECKS = {
  'purgatory-regions': {
    rule: 'purgatory verifies every segment but its own, 16 at most',
    source: 'docs/purgatory.md',
    errnos: ['EINVAL'],
    cure: 'give fewer segments, or enter the kernel without a look at them (kexec --no-checks)',
  },
  'purgatory-map': {
    rule: 'purgatory maps addresses of 48 bits, each page for one use',
    source: 'Arm Architecture Reference Manual, D8.3',
    errnos: ['EINVAL'],
    cure: 'have segments lie lower with --mem-max, or purgatory silent with --serial none',
  },
  'purgatory-serial': {
    rule: 'purgatory speaks to a PL011 or an 8250 at an address of its own',
    source: 'docs/purgatory.md',
    errnos: ['EINVAL'],
    cure: 'name the UART with --serial, or have purgatory silent with --serial none',
  },
  'purgatory-mismatch': {
    rule: 'a reset is asked of PSCI, by the conduit that the device tree names',
    source: 'Arm Power State Coordination Interface (DEN0022), section 5.1',
    errnos: ['EINVAL'],
    cure: 'have it halt instead: --on-mismatch halt',
  },
  'elf-header': {
    rule: 'an object is a relocatable 64-bit little-endian AArch64 ELF file of at most 1 MiB',
    source: ELFSPEC,
    errnos: ['ENOEXEC'],
    cure: OWN,
  },
  'elf-section': {
    rule: 'sections lie within the file and apart, and take at most 1 MiB where their alignment allows',
    source: ELFSPEC,
    errnos: ['EINVAL', 'ENOEXEC'],
    cure: OWN,
  },
  'elf-symbol': {
    rule: 'a named symbol is defined, in a section that is loaded',
    source: ELFSPEC,
    errnos: ['EINVAL', 'ENOEXEC'],
    cure: OWN,
  },
  'elf-relocation': {
    rule: 'a relocation is of a known type, in range and aligned',
    source: ELFSPEC,
    errnos: ['ENOEXEC'],
    cure: OWN,
  },
} as const satisfies CheckTable;
