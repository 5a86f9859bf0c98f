import { kexecFileLoad, type LoadResult } from '../../../src/kexec/file-load.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import type { Outcome, Scenario } from './scenario.js';

/**
 * Loads by the code under test as the system call does: without purgatory, and with dm-crypt keys where the oracle drew
 * their place.
 *
 * @param kernel - the kernel that the load names
 */
export function ownLoad(
  { load, seeds, outcome }: Scenario,
  kernel: Uint8Array,
  machine: Machine,
): LoadResult {
  const { type, initrd, commandLine } = load;
  const request = {
    kernel,
    initrd: initrd === undefined ? undefined : new Uint8Array(initrd),
    options: { type, commandLine, purgatory: false as const },
    dmCryptKeysAddress: typeof outcome === 'string' ? undefined : outcome.get('dmcryptkeys')?.mem,
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
