import { join } from 'node:path';
import { KexecError, refuse } from '../../../base/error.js';
import { readText } from '../../files/read-file.js';

/** What the kernel tells of kexec (`kernel/ksysfs.c`). */
export interface KexecState {
  /** Whether a kernel is loaded to replace this one. */
  readonly loaded: boolean;
  /** Whether a crash kernel is loaded. */
  readonly crashLoaded: boolean;
  /** Size of the crash region, in bytes; 0 if there is none. */
  readonly crashSize: bigint;
}

/**
 * Reads `kexec_loaded`, `kexec_crash_loaded` and `kexec_crash_size`; a kernel without crash dumps lacks the last two.
 *
 * @param folder - `/sys/kernel`
 * @throws KexecError `ENOSYS`, check `live-platform`, if the kernel has no kexec.
 */
export function readState(folder = '/sys/kernel'): KexecState {
  const loaded = readFact(join(folder, 'kexec_loaded'));
  if (loaded === undefined) {
    refuse(
      'live-platform',
      'ENOSYS',
      `there is no ${join(folder, 'kexec_loaded')}: this is no Linux, or its kernel has no kexec`,
    );
  }
  return {
    loaded: loaded !== 0n,
    crashLoaded: (readFact(join(folder, 'kexec_crash_loaded')) ?? 0n) !== 0n,
    crashSize: readFact(join(folder, 'kexec_crash_size')) ?? 0n,
  };
}

function readFact(path: string): bigint | undefined {
  try {
    const text = readText(path).trim();
    if (/^\d+$/.test(text)) return BigInt(text);
    refuse('live-platform', 'EINVAL', `${path} says ${JSON.stringify(text)}, which is no number`);
  } catch (error) {
    if (error instanceof KexecError && error.errno === 'ENOENT') return undefined;
    throw error;
  }
}
