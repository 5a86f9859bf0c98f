import type { OptionSyntax } from '../getopt.js';

/** The meaning of an option. */
export type OptionId =
  | 'help'
  | 'version'
  | 'force'
  | 'no-checks'
  | 'no-cma'
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
  /** Help text: what the option does, or why it is refused. */
  readonly help: string;
  /** Whether the option is about a load, and has no effect without one. */
  readonly isForLoads?: boolean;
}

/** The program whose options these are. */
export const OPTIONS_OF = 'kexec-tools 2.0.32';

/**
 * The options of kexec-tools on arm64 (`KEXEC_ARCH_OPTIONS`), then four of this project. The four cannot be
 * abbreviated, so that every abbreviation of the others keeps its meaning.
 */
export const OPTIONS: readonly KexecOption[] = [
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
  {
    id: 'dtb',
    names: ['dtb'],
    argument: 'FILE',
    help: "a board's device tree; the running one adds what it lacks",
    isForLoads: true,
  },
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
  {
    id: 'force-dtb',
    names: ['force-dtb'],
    help: 'pass the device tree; on arm64 it always is',
    isForLoads: true,
  },
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

  refused('reuseinitrd', 'with retain_initrd, use --initrd /sys/firmware/initrd'),
  refused('load-preserve-context', 'no arm64 kernel can return to the one before it (CONFIG_KEXEC_JUMP)'),
  refused('load-jump-back-helper', 'no arm64 kernel can return to the one before it (CONFIG_KEXEC_JUMP)'),
  refused('load-live-update', 'it is for Xen, which this program does not support'),
  refused('exec-live-update', 'it is for Xen, which this program does not support'),
  refused('hotplug', 'no arm64 kernel updates a loaded crash kernel (CONFIG_CRASH_HOTPLUG)'),
  {
    ...refused('serial', 'purgatory uses the port of stdout-path by itself'),
    argument: 'NAME',
  },

  own('policy', 'POLICY', 'enforce, the default with the next three; permissive; as-kernel'),
  own('cert', 'FILE', 'trust this certificate'),
  own('keyring', '[NAME:]FILE', 'trust the certificates in a file or folder'),
  own('dbx', 'FILE', 'revoke what a file or folder lists'),
];

function refused(name: string, why: string): KexecOption {
  return { id: 'refused', names: [name], help: why };
}

function own(id: 'policy' | 'cert' | 'keyring' | 'dbx', argument: string, help: string): KexecOption {
  return { id, names: [id], argument, help, isUnabbreviated: true, isForLoads: true };
}
