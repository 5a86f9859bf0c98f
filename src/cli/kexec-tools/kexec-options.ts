import type { OptionSyntax } from './getopt.js';

/** What an option is, for whoever acts on it. */
export type OptionId =
  | 'help'
  | 'version'
  | 'force'
  | 'no-checks'
  | 'no-ifdown'
  | 'no-sync'
  | 'load'
  | 'load-panic'
  | 'unload'
  | 'exec'
  | 'type'
  | 'mem-min'
  | 'mem-max'
  | 'entry'
  | 'file-syscall'
  | 'segments-syscall'
  | 'auto-syscall'
  | 'debug'
  | 'status'
  | 'print-crash-size'
  | 'force-dtb'
  | 'append'
  | 'reuse-cmdline'
  | 'initrd'
  | 'dtb'
  | 'policy'
  | 'cert'
  | 'keyring'
  | 'dbx'
  | 'refused';

/** An option of the drop-in. */
export interface KexecOption extends OptionSyntax {
  readonly id: OptionId;
  /** For the help: what it does, or why it is refused. */
  readonly help: string;
  /** Whether it says how to load, and so says nothing where nothing is loaded. */
  readonly isForLoads?: boolean;
}

/** Whose options these are. */
export const OPTIONS_OF = 'kexec-tools 2.0.32';

/**
 * The options of kexec-tools on arm64 (`KEXEC_ARCH_OPTIONS`), and behind them four of this project, which have to be
 * written out: they leave every abbreviation of the others as it was.
 */
export const OPTIONS: readonly KexecOption[] = [
  { id: 'help', names: ['help'], letter: 'h', help: 'print this' },
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
  { id: 'exec', names: ['exec'], letter: 'e', help: 'start what is loaded, now' },
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
    help: "the next kernel's command line, or what follows a reused one",
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
  {
    id: 'dtb',
    names: ['dtb'],
    argument: 'FILE',
    help: "a board's device tree; the running one gives what it lacks",
    isForLoads: true,
  },
  { id: 'file-syscall', names: ['kexec-file-syscall'], letter: 's', help: 'by kexec_file_load(2) alone' },
  { id: 'segments-syscall', names: ['kexec-syscall'], letter: 'c', help: 'by kexec_load(2) alone' },
  {
    id: 'auto-syscall',
    names: ['kexec-syscall-auto'],
    letter: 'a',
    help: 'by the first if the kernel has it, else the second; the default',
  },
  {
    id: 'type',
    names: ['type'],
    letter: 't',
    argument: 'TYPE',
    help: 'what KERNEL is: Image, vmlinuz (zboot), uki, uImage, vmlinux',
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
    help: 'where the CPU enters; 0 leaves that to us',
    isForLoads: true,
  },
  {
    id: 'no-checks',
    names: ['no-checks'],
    letter: 'i',
    help: 'purgatory need not verify what it enters',
    isForLoads: true,
  },
  {
    id: 'force-dtb',
    names: ['force-dtb'],
    help: 'hand the device tree over; on arm64 it always is',
    isForLoads: true,
  },
  { id: 'no-ifdown', names: ['no-ifdown'], letter: 'x', help: 'leave network interfaces up before a start' },
  { id: 'no-sync', names: ['no-sync'], letter: 'y', help: 'leave filesystems unsynced before a start' },
  {
    id: 'debug',
    names: ['debug'],
    letter: 'd',
    help: 'print every check, and have the kernel log where it puts things',
  },

  refused('reuseinitrd', 'with retain_initrd, it is --initrd /sys/firmware/initrd'),
  refused('load-preserve-context', 'no arm64 kernel can return to the one before it (CONFIG_KEXEC_JUMP)'),
  refused('load-jump-back-helper', 'no arm64 kernel can return to the one before it (CONFIG_KEXEC_JUMP)'),
  refused('load-live-update', 'it is for Xen, whose hypercalls this program does not make'),
  refused('exec-live-update', 'it is for Xen, whose hypercalls this program does not make'),
  refused('hotplug', 'no arm64 kernel updates a loaded crash kernel (CONFIG_CRASH_HOTPLUG)'),
  refused('no-cma', 'the flag is of Linux 6.17, and this program does not hand it on'),
  {
    ...refused('serial', 'purgatory speaks where stdout-path says, by itself'),
    argument: 'NAME',
  },

  own('policy', 'POLICY', 'enforce, the default with the next three; permissive; as-kernel'),
  own('cert', 'FILE', 'trust this certificate'),
  own('keyring', '[NAME:]FILE', 'trust what a file or folder holds'),
  own('dbx', 'FILE', 'distrust what a file or folder holds'),
];

function refused(name: string, why: string): KexecOption {
  return { id: 'refused', names: [name], help: why };
}

function own(id: 'policy' | 'cert' | 'keyring' | 'dbx', argument: string, help: string): KexecOption {
  return { id, names: [id], argument, help, isUnabbreviated: true, isForLoads: true };
}
