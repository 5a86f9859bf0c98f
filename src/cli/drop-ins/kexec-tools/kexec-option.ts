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
  | 'append'
  | 'reuse-cmdline'
  | 'initrd'
  | 'dtb'
  | 'noefi'
  | 'serial'
  | 'console-serial'
  | 'hotplug'
  | 'always-done'
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

/** What kexec-tools has on one architecture alone, or means otherwise there. */
export interface ArchitectureOptions {
  /** Options that name files of a load. */
  readonly files: readonly KexecOption[];
  /** Options for what the next kernel is given, and how. */
  readonly handOver: readonly KexecOption[];
  readonly refused: readonly KexecOption[];
}

/** An option that is refused. @param help - the reason */
export function refused(name: string, help: string, argument?: string): KexecOption {
  return { id: 'refused', names: [name], help, ...(argument === undefined ? {} : { argument }) };
}

/** An option whose wish is granted to everybody. */
export function alwaysDone(name: string, help: string): KexecOption {
  return { id: 'always-done', names: [name], help, isForLoads: true };
}

/** Both are for Xen. */
export const XEN_OPTIONS: readonly KexecOption[] = [
  refused('load-live-update', 'it is for Xen, which this program does not support'),
  refused('exec-live-update', 'it is for Xen, which this program does not support'),
];
