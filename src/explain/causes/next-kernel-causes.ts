import type { CauseTable } from './cause.js';

/**
 * What the next kernel says of its memory, its device tree and, after a crash, of the ELF core header: mm/oom_kill.c,
 * drivers/of/fdt.c, arch/arm64/kernel/setup.c, fs/proc/vmcore.c, drivers/firmware/efi.
 */
export const NEXT_KERNEL_CAUSES = {
  'memory-deadlock': {
    check: 'next-memory',
    severity: 'stops',
    meaning: 'the kernel has no memory left, and no process that it could end: it panics',
    cure:
      'a crash kernel: reserve a larger crash region (kexec-file crash estimate computes its size), load a smaller initrd, and ' +
      'use nr_cpus=1; another kernel: look for mem= on its command line',
    parameter: 'crashkernel=SIZE',
    lines: ['System is deadlocked on memory', 'Out of memory and no killable processes'],
  },
  'memory-short': {
    check: 'next-memory',
    severity: 'stops',
    meaning: 'the crash kernel runs out of memory while it boots or saves the dump',
    cure:
      'reserve a larger crash region (kexec-file crash estimate computes its size), or load less: an initrd with fewer drivers, ' +
      'nr_cpus=1, makedumpfile with fewer threads',
    parameter: 'crashkernel=SIZE',
    lines: [
      ': Killed process ',
      'page allocation failure',
      'Failed to allocate memory for temporary page tables',
      'Failed to allocate page table page',
      [': Failed to allocate ', ' bytes'],
    ],
    isOfCrashKernel: true,
  },
  'no-elfcorehdr': {
    check: 'next-elfcorehdr',
    severity: 'stops',
    meaning: 'the crash kernel has no usable ELF core header, so there is no /proc/vmcore',
    cure:
      'search the lines before it for the reason; load the crash kernel again (kexec-file load --panic), and examine its ' +
      'header with kexec-file crash lint',
    lines: ['Kdump: vmcore not initialized'],
    otherLines: { of: 'Linux 7.3', lines: ['vmcore: not initialized'] },
  },
  'elfcorehdr-damaged': {
    check: 'next-elfcorehdr',
    severity: 'stops',
    meaning:
      'the ELF core header is damaged: something overwrote it after the load, or elfcorehdr= has a wrong address',
    cure:
      'leave elfcorehdr= out of the command line on arm64, where the device tree has the address; load the crash kernel again, ' +
      'with purgatory, which verifies the header before the jump',
    lines: ['Core image elf header is not sane', 'Core image elf header not found'],
  },
  'elfcorehdr-overlapped': {
    check: 'next-elfcorehdr',
    severity: 'warns',
    meaning:
      'the ELF core header lies in memory that is reserved for something else already, so the kernel does not protect it: if it ' +
      'is overwritten, there is no /proc/vmcore, or a damaged one',
    cure:
      'load the crash kernel again on the running kernel (not by a device tree of another boot: leave --dtb out), and compare ' +
      'with kexec-file plan --panic; crash lint examines the header that is there',
    lines: ['elfcorehdr is overlapped'],
  },
  'vmcore-notes': {
    check: 'next-elfcorehdr',
    severity: 'warns',
    meaning:
      'a note in the dump is empty or longer than its place: the registers of a CPU are missing; the memory is whole',
    cure: 'nothing to do for CPUs that were offline, or that did not stop at the crash; otherwise load the crash kernel again',
    lines: ['Exceeded p_memsz, dropping PT_NOTE entry', 'Zero PT_NOTE entries found'],
  },
  'vmcore-callback': {
    check: 'next-elfcorehdr',
    severity: 'harmless',
    meaning: 'a driver came after the dump was opened: memory that only it knows is not in the dump',
    cure: 'nothing to do; for information',
    lines: ['Unexpected vmcore callback registration', 'Unexpected vmcore callback unregistration'],
  },
  'device-dump-off': {
    check: 'next-elfcorehdr',
    severity: 'harmless',
    meaning: 'novmcoredd keeps the dumps of devices out of /proc/vmcore',
    cure: 'remove novmcoredd from the command line of the crash kernel if they are wanted',
    lines: [],
    otherLines: { of: 'kernels with CONFIG_PROC_VMCORE_DEVICE_DUMP', lines: ['Device dump is disabled'] },
  },
  'no-device-tree': {
    check: 'next-device-tree',
    severity: 'stops',
    meaning:
      'the next kernel finds no valid device tree where x0 points: not in memory, over 2 MiB, or overwritten',
    cure:
      'load again with kexec-file, which places the device tree by the rules of booting.rst, with purgatory, which verifies it; ' +
      'kexec-file inspect examines one that --dtb names',
    lines: [
      'Error: invalid device tree blob',
      'Invalid device tree blob header',
      'No valid device tree found, continuing without',
      ['OF: fdt: Error ', ' processing FDT'],
      'OF: fdt: End of tree marker overwritten: ',
      'No chosen node found, continuing without',
    ],
  },
  'reserved-memory': {
    check: 'next-device-tree',
    severity: 'warns',
    meaning:
      'the kernel cannot keep memory free that its device tree reserves: something else lies there, or it is outside of the ' +
      'memory that this kernel may use',
    cure:
      'harmless in a crash kernel for reservations outside of the crash region; otherwise load again without --dtb, so that ' +
      'the reservations of the running kernel count',
    lines: [
      'Reserved memory: failed to reserve memory for node',
      'Reserved memory: invalid reg property',
      'Reserved memory: unsupported node format, ignoring',
    ],
  },
  'memory-ignored': {
    check: 'next-memory',
    severity: 'warns',
    meaning: 'the kernel does not use a part of its memory, which its address space cannot reach',
    cure: 'nothing to do if the machine runs; with KASLR or 39-bit addresses, nokaslr makes more of it reachable',
    lines: ['Ignoring memory block 0x', "Memory doesn't fit in the linear mapping, VA_BITS too small"],
  },
  'memory-limited': {
    check: 'next-memory',
    severity: 'harmless',
    meaning: 'mem= on the command line limits the memory that this kernel uses',
    cure: 'take mem= out of the command line of the next kernel if it is not meant for it',
    lines: ['Memory limited to '],
  },
  'fdt-changed': {
    check: 'next-device-tree',
    severity: 'warns',
    meaning:
      "the kernel's copy of its device tree changed after boot, so /sys/firmware/fdt is missing: kexec needs it",
    cure: 'load with --dtb, or report it for the driver or firmware that writes into the device tree',
    lines: ["not creating '/sys/firmware/fdt': CRC check failed"],
  },
  'misaligned-kernel': {
    check: 'next-start',
    severity: 'warns',
    meaning: 'the kernel was not started as booting.rst demands: it is misaligned, or x1 to x3 are not 0',
    cure: 'load with kexec-file, which follows booting.rst, or update the boot loader that started this kernel',
    lines: ['Kernel image misaligned at boot', 'x1-x3 nonzero in violation of boot protocol'],
  },
  'no-kaslr-seed': {
    check: 'next-start',
    severity: 'harmless',
    meaning:
      'the kernel got no seed for KASLR, and runs where it was linked to: less protection, but nothing else',
    cure: 'load after the random number generator is ready, or use kexec-file load --randomize',
    lines: ['KASLR disabled due to lack of seed'],
  },
  'uefi-property-missing': {
    check: 'uefi-properties',
    severity: 'stops',
    meaning:
      "the kernel asks for a property of /chosen that its device tree does not have, and ignores UEFI's memory map and ACPI: on " +
      'a machine with ACPI, it has no memory',
    cure:
      'plan the load with kexec-file, on the running machine or its record: the warning uefi-properties names the properties, ' +
      'and what to do',
    lines: [["Can't find property '", "' in DT!"]],
  },
  'efi-memory-map': {
    check: 'next-memory',
    severity: 'warns',
    meaning:
      "the next kernel cannot use the firmware's memory map or tables, which the leaving kernel hands on",
    cure:
      'load with the device tree of the running kernel (leave --dtb out): it has the addresses of the tables; without them, ' +
      'acpi=off boots machines that also have a device tree',
    lines: [
      'Failed to remap EFI memory map',
      'ACPI: Unable to load the System Description Tables',
      'ACPI: Failed to init ACPI tables',
      'ACPI: Failed to get FADT table',
    ],
  },
} as const satisfies CauseTable;
