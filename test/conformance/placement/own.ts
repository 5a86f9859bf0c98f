import { kexecFileLoad, type LoadResult } from '../../../src/kexec/file-load.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import type { Load, Outcome } from './scenario.js';

/**
 * Loads by the code under test as the system call does: without purgatory.
 *
 * @param kernel - the kernel that the load names
 * @param seeds - whether the next kernel gets seeds
 */
export function ownLoad(load: Load, kernel: Uint8Array, seeds: boolean, machine: Machine): LoadResult {
  const { type, initrd, commandLine } = load;
  const request = {
    kernel,
    initrd: initrd === undefined ? undefined : new Uint8Array(initrd),
    options: { type, commandLine, purgatory: false as const },
    random: seeds ? (length: number) => new Uint8Array(length) : undefined,
  };
  return kexecFileLoad(request, machine);
}

export function outcomeOf(result: LoadResult): Outcome {
  if ('refusal' in result) return result.refusal.errno;
  return new Map(
    result.kimage.segments.map(({ name, bytes, mem, memsz }) => [
      name,
      { mem, bufsz: BigInt(bytes.length), memsz },
    ]),
  );
}
