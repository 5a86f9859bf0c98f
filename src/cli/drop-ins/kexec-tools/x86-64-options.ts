import { type ArchitectureOptions, alwaysDone, refused, XEN_OPTIONS } from './kexec-option.js';

const ENTRY = 'the kernel is entered at its 64-bit entry, after purgatory in 64-bit mode';
const CONTEXT = 'this program loads no kernel that returns to the one before it (KEXEC_PRESERVE_CONTEXT)';
const DEVICE_TREE = 'on x86_64, this program hands no device tree over';

/** The options that kexec-tools has on x86_64 alone, or means otherwise there. */
export const X86_64_OPTIONS: ArchitectureOptions = {
  files: [],
  handOver: [
    {
      id: 'noefi',
      names: ['noefi'],
      help: "hand nothing of UEFI over, but for ACPI's tables and whether Secure Boot is on; kexec_load(2)",
      isForLoads: true,
    },
    {
      id: 'serial',
      names: ['serial'],
      argument: 'PORT',
      help: 'port that purgatory prints to: ttyS0, ttyS1 or 0x3f8; kexec_load(2)',
      isForLoads: true,
    },
    {
      id: 'console-serial',
      names: ['console-serial'],
      help: 'purgatory prints to that of --serial, or to ttyS0; kexec_load(2)',
      isForLoads: true,
    },
    {
      id: 'hotplug',
      names: ['hotplug'],
      help: 'with -p: the kernel updates the crash kernel when CPUs or memory come or go',
      isForLoads: true,
    },
    alwaysDone('reuse-video-type', "hand the running kernel's screen over, which is always done"),
    alwaysDone('elf64-core-headers', 'an ELF core header of 64 bits, which it always is'),
    alwaysDone('args-linux', "pass Linux's parameters to a vmlinux, which is always done"),
  ],
  refused: [
    refused('load-preserve-context', CONTEXT),
    refused('load-jump-back-helper', CONTEXT),
    ...XEN_OPTIONS,
    refused('real-mode', ENTRY),
    refused('entry-32bit', ENTRY),
    refused('reset-vga', 'purgatory leaves the graphics card as the running kernel has it'),
    refused('console-vga', 'purgatory prints to a serial port alone'),
    refused('serial-baud', 'purgatory leaves the port at the rate that it has', 'RATE'),
    refused('pass-memmap-cmdline', "a crash kernel's memory map is in its boot parameters (e820)"),
    refused('elf32-core-headers', 'the ELF core header is of 64 bits'),
    refused('args-elf', 'the next kernel is a Linux that takes boot parameters'),
    refused('args-none', 'the next kernel is a Linux that takes boot parameters'),
    refused('module', 'it is for multiboot, which this program does not load', 'MODULE'),
    refused('dtb', DEVICE_TREE, 'FILE'),
    refused('force-dtb', DEVICE_TREE),
  ],
};
