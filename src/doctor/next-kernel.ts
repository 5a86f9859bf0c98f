import { decodeLatin1, equalBytes } from '../base/bytes.js';
import { kexecFileLoad, type LoadResult } from '../kexec/file-load.js';
import { reusedCommandLine } from '../machine/command-line.js';
import type { Machine } from '../machine/machine-value.js';
import type { IntendedLoad, KernelOptions } from './intended-load.js';

/** The kernel that would be loaded, as far as it is known. */
export interface NextKernel {
  /** Which of the two it is for. */
  readonly about: 'kexec' | 'kdump';
  /** What comes of loading it; absent where no kernel is given. */
  readonly load?: LoadResult;
  /** `uname -r` of it, where its bytes tell. */
  readonly release?: string;
  readonly options?: KernelOptions;
  /** The command line that was given, or the running kernel's as it would be reused. */
  readonly commandLine?: string;
}

/** What every Linux kernel has in its data, and an Image is not compressed. */
const BANNER = new TextEncoder().encode('Linux version ');

/** `__NEW_UTS_LEN`, and the space behind it. */
const MAX_RELEASE_BYTES = 65;

/**
 * Looks at the kernel of a subject, and loads it into a kimage that nobody executes.
 *
 * Its configuration is the one that was given, or the running kernel's where both are of the same release; where no
 * kernel is given, the running one stands in for it.
 */
export function describeNextKernel(machine: Machine, subject: IntendedLoad): NextKernel {
  const { kernel, panic = false } = subject;
  const running = machine.kernel;
  const release = kernel === undefined ? running?.release : findRelease(kernel);
  const isRunning = kernel === undefined || (release !== undefined && release === running?.release);
  const options = subject.options ?? (isRunning ? running?.config : undefined);
  const commandLine = subject.commandLine ?? reuseCommandLine(machine, panic);
  return {
    about: panic ? 'kdump' : 'kexec',
    ...(kernel === undefined
      ? {}
      : { load: subject.unopened ?? simulateLoad(kernel, commandLine, machine, subject) }),
    ...(release === undefined ? {} : { release }),
    ...(options === undefined ? {} : { options }),
    ...(commandLine === undefined ? {} : { commandLine }),
  };
}

/** The release in the banner of a kernel's bytes: what stands behind "Linux version". */
export function findRelease(kernel: Uint8Array): string | undefined {
  const [first = 0] = BANNER;
  for (let at = kernel.indexOf(first); at >= 0; at = kernel.indexOf(first, at + 1)) {
    if (!equalBytes(kernel.subarray(at, at + BANNER.length), BANNER)) continue;
    const start = at + BANNER.length;
    const release = /^(\d\S*) /.exec(decodeLatin1(kernel.subarray(start, start + MAX_RELEASE_BYTES)))?.[1];
    if (release !== undefined) return release;
  }
  return undefined;
}

function reuseCommandLine({ commandLine }: Machine, panic: boolean): string | undefined {
  return commandLine === undefined ? undefined : reusedCommandLine(commandLine, { panic });
}

/** Signatures are looked at by themselves: what would be refused for one shall not hide what else is wrong. */
function simulateLoad(
  kernel: Uint8Array,
  commandLine: string | undefined,
  machine: Machine,
  { initrd, panic }: IntendedLoad,
): LoadResult {
  return kexecFileLoad({ kernel, initrd, commandLine, type: panic === true ? 'crash' : 'default' }, machine);
}
