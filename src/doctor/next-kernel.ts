import { decodeLatin1, equalBytes } from '../base/bytes.js';
import { kexecFileLoad, type LoadResult } from '../kexec/file-load.js';
import { buildReusedCommandLine } from '../machine/command-line.js';
import type { Machine } from '../machine/machine-value.js';
import type { IntendedLoad, KernelOptions } from './intended-load.js';

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

/** The start of the banner in the data of every Linux kernel. An Image is not compressed. */
const BANNER = new TextEncoder().encode('Linux version ');

/** `__NEW_UTS_LEN`, and the space that follows the release. */
const MAX_RELEASE_BYTES = 65;

/**
 * Describes the kernel of an intended load, and simulates the load.
 *
 * Its configuration is the given one, or the running kernel's if both have the same release. Without a kernel, the
 * running kernel is taken for the next one.
 */
export function describeNextKernel(machine: Machine, intended: IntendedLoad): NextKernel {
  const { kernel, panic = false } = intended;
  const running = machine.kernel;
  const release = kernel === undefined ? running?.release : findRelease(kernel);
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

/** Finds the release in the banner of an Image: the word after "Linux version". Undefined if there is none. */
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
