import { findBanner } from '../kernel-file/kernel-banner.js';
import { kexecFileLoad, type LoadResult } from '../kexec/file-load.js';
import { buildReusedCommandLine } from '../machine/command-line.js';
import type { KernelOptions } from '../machine/kernel-config.js';
import type { Machine } from '../machine/machine-value.js';
import type { IntendedLoad } from './intended-load.js';

/** The kernel of an intended load, as far as it is known. */
export interface NextKernel {
  readonly about: 'kexec' | 'kdump';
  /** The result of a simulated load; absent if the load has no kernel. */
  readonly load?: LoadResult;
  /** Its release (`uname -r`), if its bytes contain it. */
  readonly release?: string;
  readonly options?: KernelOptions;
  /** The given command line, or the part of the running kernel's that a load reuses. */
  readonly commandLine?: string;
}

/**
 * Describes the kernel of an intended load, and simulates the load.
 *
 * Its configuration is the given one, or the running kernel's if both have the same release. Without a kernel, the
 * running kernel is taken for the next one.
 */
export function describeNextKernel(machine: Machine, intended: IntendedLoad): NextKernel {
  const { kernel, panic = false } = intended;
  const running = machine.kernel;
  const release = kernel === undefined ? running?.release : findBanner(kernel)?.release;
  const isRunning = kernel === undefined || (release !== undefined && release === running?.release);
  const options = intended.options ?? (isRunning ? running?.config : undefined);
  const commandLine = intended.commandLine ?? reuseCommandLine(machine, panic);
  return {
    about: panic ? 'kdump' : 'kexec',
    ...(kernel === undefined
      ? {}
      : { load: intended.unopened ?? simulateLoad(kernel, commandLine, machine, intended) }),
    ...(release === undefined ? {} : { release }),
    ...(options === undefined ? {} : { options }),
    ...(commandLine === undefined ? {} : { commandLine }),
  };
}

function reuseCommandLine({ commandLine }: Machine, panic: boolean): string | undefined {
  return commandLine === undefined ? undefined : buildReusedCommandLine(commandLine, { panic });
}

/** Signatures have findings of their own: a refused signature must not hide other refusals. */
function simulateLoad(
  kernel: Uint8Array,
  commandLine: string | undefined,
  machine: Machine,
  { initrd, panic, trust }: IntendedLoad,
): LoadResult {
  const options = { type: panic === true ? 'crash' : 'default', commandLine } as const;
  return kexecFileLoad({ kernel, initrd, options, hashes: trust?.hashes }, machine);
}
