import type { CauseTable } from './cause.js';

/** Why there is no crash region: kernel/crash_core.c and kernel/crash_reserve.c, arch/arm64/mm/init.c. */
export const CRASHKERNEL_CAUSES = {
  'crashkernel-number': {
    check: 'crash-region',
    severity: 'stops',
    meaning:
      'crashkernel= cannot be parsed: a size or an address is missing where the kernel expects a number',
    cure:
      'correct the value: crashkernel=512M, crashkernel=2G-64G:256M,64G-:512M or crashkernel=1G,high; "auto" is known ' +
      'only to the kernels of RHEL 7 and 8',
    parameter: 'crashkernel=SIZE',
    lines: [
      'crashkernel: Memory value expected',
      'crashkernel: memory value expected',
      'Memory value expected',
    ],
  },
  'crashkernel-character': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'crashkernel= cannot be parsed: an unknown character follows the size',
    cure:
      'correct the value at the character that the line names: only K, M, G, @ADDRESS, ",high" and ",low" may follow a ' +
      'size, and ",high" is known from Linux 5.19 on',
    parameter: 'crashkernel=SIZE',
    lines: ['crashkernel: unrecognized char: '],
  },
  'crashkernel-range': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'crashkernel= cannot be parsed: a range of memory sizes is malformed',
    cure: 'write each range as START-[END]:SIZE, with END above START: crashkernel=2G-64G:256M,64G-:512M',
    parameter: 'crashkernel=START-:SIZE',
    lines: ["crashkernel: '-' expected", "crashkernel: ':' expected", 'crashkernel: end <= start'],
  },
  'crashkernel-too-large': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'crashkernel= asks for as much memory as the machine has, or more',
    cure: 'ask for less (kexec-file crash estimate computes what is needed); check the unit, M or G',
    parameter: 'crashkernel=SIZE',
    lines: ['crashkernel: invalid size'],
  },
  'crashkernel-no-range': {
    check: 'crash-region',
    severity: 'stops',
    meaning: "no range of crashkernel= has the size of this machine's memory, so nothing is reserved",
    cure: 'add a range that has it, or give one size for all: crashkernel=512M',
    parameter: 'crashkernel=SIZE',
    lines: ['crashkernel size resulted in zero bytes'],
  },
  'crashkernel-taken': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'the memory at the address that crashkernel=SIZE@ADDRESS asks for is in use, or is no memory',
    cure:
      'leave @ADDRESS out, so that the kernel finds a free place: crashkernel=SIZE; with KASLR, the kernel itself may lie ' +
      'at that address',
    parameter: 'crashkernel=SIZE',
    lines: ['crashkernel reservation failed - memory is in use'],
    otherLines: {
      of: 'Linux before 5.19 on arm64',
      lines: [
        'cannot reserve crashkernel: region is not memory',
        'cannot reserve crashkernel: region overlaps reserved memory',
      ],
    },
  },
  'crashkernel-unaligned': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'the address that crashkernel=SIZE@ADDRESS asks for is no multiple of 2 MiB',
    cure: 'leave @ADDRESS out, or give a multiple of 2 MiB (0x200000)',
    parameter: 'crashkernel=SIZE',
    lines: [],
    otherLines: {
      of: 'Linux before 5.19 on arm64',
      lines: ['cannot reserve crashkernel: base address is not 2MB aligned'],
    },
  },
  'crashkernel-no-low-room': {
    check: 'crash-region',
    severity: 'stops',
    meaning:
      'no room is free below 4 GiB for the low part, which the kernel reserves beside a region above 4 GiB; so it reserves ' +
      'neither',
    cure:
      'ask for a smaller low part: crashkernel=SIZE,high crashkernel=64M,low; crashkernel=0,low if no device of the crash ' +
      'kernel needs memory below 4 GiB',
    parameter: 'crashkernel=SIZE,high crashkernel=SIZE,low',
    lines: ['cannot allocate crashkernel low memory (size:'],
  },
  'crashkernel-no-room': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'no piece of free memory is as large as crashkernel= asks for',
    cure:
      'ask for less (kexec-file crash estimate computes what is needed), or for memory above 4 GiB: ' +
      'crashkernel=SIZE,high, from Linux 5.19 on; before, the kernel looks below 4 GiB only',
    parameter: 'crashkernel=SIZE,high',
    lines: ['cannot allocate crashkernel (size:'],
    otherLines: {
      of: 'Linux on x86_64',
      lines: ['crashkernel reservation failed - No suitable area found'],
    },
  },
  'crashkernel-no-cma': {
    onlyIn: '7.3',
    check: 'crash-region',
    severity: 'warns',
    meaning:
      'the part of crashkernel= with ",cma" is not reserved, or not all of it; the rest of the region is',
    cure: 'ask for less with ",cma", or give the crash kernel more without it',
    parameter: 'crashkernel=SIZE crashkernel=SIZE,cma',
    lines: ['crashkernel CMA reservation failed'],
  },
  'crashkernel-other': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'the kernel refuses the value of crashkernel=, or finds no memory for it',
    lines: ['crashkernel reservation failed', 'cannot allocate crashkernel', 'crashkernel: '],
  },
} as const satisfies CauseTable;
