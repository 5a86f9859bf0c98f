import { isBuiltIn, type KernelOptions } from '../machine/kernel-config.js';

/** The command line with which a kernel starts, where one can be built into it. */
export interface EffectiveCommandLine {
  readonly text: string;
  /** The kernel ignores the command line that it is given (CONFIG_CMDLINE_FORCE). */
  readonly isForced: boolean;
}

/**
 * Decides with which command line a kernel starts, as arm64 does: one that is built in stands in for a missing one
 * (CONFIG_CMDLINE_FROM_BOOTLOADER), replaces any (CONFIG_CMDLINE_FORCE), or follows it (CONFIG_CMDLINE_EXTEND, before
 * Linux 5.13). Source: `early_init_dt_scan_chosen()`.
 *
 * @param given - what the kernel is given; empty if nothing
 * @param options - the kernel's configuration, if that is known
 */
export function decideCommandLine(given: string, options: KernelOptions | undefined): EffectiveCommandLine {
  const builtIn = options?.CMDLINE?.trim() ?? '';
  if (builtIn === '') return { text: given, isForced: false };
  if (isBuiltIn(options, 'CMDLINE_FORCE') === true) return { text: builtIn, isForced: true };
  if (given.trim() === '') return { text: builtIn, isForced: false };
  const isAppended = isBuiltIn(options, 'CMDLINE_EXTEND') === true;
  return { text: isAppended ? `${given} ${builtIn}` : given, isForced: false };
}
