import { join } from 'node:path';
import { attempt, KexecError, refuse } from '../../../base/error.js';
import { readText } from '../../files/read-file.js';

/** The kernel's report on kexec (`kernel/ksysfs.c`). */
export interface KexecState {
  /** Whether a kernel is loaded to replace this one. */
  readonly loaded: boolean;
  /** Whether a crash kernel is loaded. */
  readonly crashLoaded: boolean;
  /** Size of the crash region, in bytes; 0 if there is none. */
  readonly crashSize: bigint;
}

/**
 * Reads `loaded`, `crash_loaded` and `crash_size` of the folder `kexec`, or, of a kernel without that folder, which came
 * after Linux 6.12, `kexec_loaded`, `kexec_crash_loaded` and `kexec_crash_size`. A kernel without crash dumps has only the
 * first.
 *
 * @param folder - `/sys/kernel`
 * @throws KexecError `ENOSYS`, check `live-platform`, if the kernel has no kexec.
 */
export function readState(folder = '/sys/kernel'): KexecState {
  const loaded = readFact(folder, 'loaded');
  if (loaded === undefined) {
    refuse(
      'live-platform',
      'ENOSYS',
      `${join(folder, 'kexec_loaded')} does not exist: this is not Linux, or its kernel has no kexec`,
    );
  }
  return {
    loaded: loaded !== 0n,
    crashLoaded: (readFact(folder, 'crash_loaded') ?? 0n) !== 0n,
    crashSize: readFact(folder, 'crash_size') ?? 0n,
  };
}

function readFact(folder: string, name: string): bigint | undefined {
  return readNumber(join(folder, 'kexec', name)) ?? readNumber(join(folder, `kexec_${name}`));
}

function readNumber(path: string): bigint | undefined {
  const text = attempt(() => readText(path).trim());
  if (text instanceof KexecError) {
    if (text.errno === 'ENOENT') return undefined;
    throw text;
  }
  if (/^\d+$/.test(text)) return BigInt(text);
  refuse('live-platform', 'EINVAL', `${path} says ${JSON.stringify(text)}, which is not a number`);
}
