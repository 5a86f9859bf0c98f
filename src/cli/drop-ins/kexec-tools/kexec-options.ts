import type { Machine } from '../../../machine/machine-value.js';
import { ARM64_OPTIONS } from './arm64-options.js';
import { type ArchitectureOptions, type KexecOption, refused } from './kexec-option.js';
import { X86_64_OPTIONS } from './x86-64-options.js';

/** The program whose options these are. */
export const OPTIONS_OF = 'kexec-tools 2.0.32';

const ARCHITECTURES: Readonly<Record<Machine['architecture'], ArchitectureOptions>> = {
  arm64: ARM64_OPTIONS,
  x86_64: X86_64_OPTIONS,
};

const ACTIONS_AND_FILES: readonly KexecOption[] = [
  { id: 'help', names: ['help'], letter: 'h', help: 'print this help' },
  { id: 'version', names: ['version'], letter: 'v', help: 'print the version' },
  {
    id: 'load',
    names: ['load'],
    letter: 'l',
    help: 'load KERNEL, for a later --exec or reboot',
  },
  {
    id: 'load-panic',
    names: ['load-panic'],
    letter: 'p',
    help: 'load KERNEL for a panic; with --unload or --status: that one',
  },
  { id: 'unload', names: ['unload'], letter: 'u', help: 'unload; the crash kernel with --load-panic before' },
  { id: 'exec', names: ['exec'], letter: 'e', help: 'start the loaded kernel now' },
  {
    id: 'force',
    names: ['force'],
    letter: 'f',
    help: 'load KERNEL and start it now, without a shutdown',
  },
  {
    id: 'status',
    names: ['status'],
    letter: 'S',
    help: 'exit with 1 if a crash kernel (with -l: a kernel) is loaded, else 0',
  },
  {
    id: 'print-crash-size',
    names: ['print-ckr-size'],
    help: 'print the size of the crash region, in bytes',
  },
  {
    id: 'append',
    names: ['append', 'command-line'],
    argument: 'TEXT',
    help: "the next kernel's command line, or text after a reused one",
    isForLoads: true,
  },
  {
    id: 'reuse-cmdline',
    names: ['reuse-cmdline'],
    help: "the running kernel's, less BOOT_IMAGE and, with -p, crashkernel",
    isForLoads: true,
  },
  {
    id: 'initrd',
    names: ['initrd', 'ramdisk'],
    argument: 'FILE',
    help: "the next kernel's initial RAM disk",
    isForLoads: true,
  },
];

const PLACES: readonly KexecOption[] = [
  { id: 'file-syscall', names: ['kexec-file-syscall'], letter: 's', help: 'use only kexec_file_load(2)' },
  { id: 'segments-syscall', names: ['kexec-syscall'], letter: 'c', help: 'use only kexec_load(2)' },
  {
    id: 'auto-syscall',
    names: ['kexec-syscall-auto'],
    letter: 'a',
    help: 'use the first if the kernel has it, else the second; default',
  },
  {
    id: 'type',
    names: ['type'],
    letter: 't',
    argument: 'TYPE',
    help: 'what KERNEL is: Image, vmlinuz (zboot), uki, uImage, vmlinux, bzImage',
    isForLoads: true,
  },
  {
    id: 'mem-min',
    names: ['mem-min'],
    argument: 'ADDRESS',
    help: 'place nothing below',
    isForLoads: true,
  },
  {
    id: 'mem-max',
    names: ['mem-max'],
    argument: 'ADDRESS',
    help: 'place nothing above',
    isForLoads: true,
  },
  {
    id: 'entry',
    names: ['entry'],
    argument: 'ADDRESS',
    help: 'where the CPU enters; 0 is the default',
    isForLoads: true,
  },
  {
    id: 'no-checks',
    names: ['no-checks'],
    letter: 'i',
    help: 'purgatory need not verify the kernel',
    isForLoads: true,
  },
];

const BEHAVIOUR: readonly KexecOption[] = [
  {
    id: 'no-cma',
    names: ['no-cma'],
    help: 'keep segments out of the CMA area (Linux 6.17), which is the default here',
    isForLoads: true,
  },
  { id: 'no-ifdown', names: ['no-ifdown'], letter: 'x', help: 'leave network interfaces up before a start' },
  { id: 'no-sync', names: ['no-sync'], letter: 'y', help: 'leave filesystems unsynced before a start' },
  {
    id: 'debug',
    names: ['debug'],
    letter: 'd',
    help: 'print every check, and let the kernel log where it puts things',
  },
];

/** Those of this project. They cannot be abbreviated, so that every abbreviation of the others keeps its meaning. */
const OWN: readonly KexecOption[] = [
  own('policy', 'POLICY', 'enforce, the default with the next three; permissive; as-kernel'),
  own('cert', 'FILE', 'trust this certificate'),
  own('keyring', '[NAME:]FILE', 'trust the certificates in a file or folder'),
  own('dbx', 'FILE', 'revoke what a file or folder lists'),
];

/** Lists the options of kexec-tools on an architecture (`KEXEC_ALL_OPTIONS` of its options.h), then four of this project. */
export function listOptions(architecture: Machine['architecture']): readonly KexecOption[] {
  const only = ARCHITECTURES[architecture];
  return [
    ...ACTIONS_AND_FILES,
    ...only.files,
    ...PLACES,
    ...only.handOver,
    ...BEHAVIOUR,
    refused('reuseinitrd', 'with retain_initrd, use --initrd /sys/firmware/initrd'),
    ...only.refused,
    ...OWN,
  ];
}

function own(id: 'policy' | 'cert' | 'keyring' | 'dbx', argument: string, help: string): KexecOption {
  return { id, names: [id], argument, help, isUnabbreviated: true, isForLoads: true };
}
