/** Where a load is the running kernel's own work, so that its release decides. */
import { hasFileLoad } from '../machine/has-file-load.js';
import { hasChange, type KernelChangeName } from '../machine/kernel-changes.js';
import type { LoadInProgress } from './load-in-progress.js';

type LoadOfMachine = Pick<LoadInProgress, 'request' | 'machine'>;

/**
 * Whether kexec_file_load(2) of the machine's own kernel decides about the load. With kexec_load(2), this program places
 * the segments and builds the device tree, whatever the release: where the load asks for that call, needs it, or the
 * kernel has no other. With `--rules`, another release than the machine's decides.
 */
export function isRunningKernelsWork({ request: { options }, machine }: LoadOfMachine): boolean {
  const { call = 'file', rules = 'mainline', purgatory, randomize, window, entry } = options;
  if (call === 'segments' || rules !== 'mainline') return false;
  if ([randomize, window, entry].some((option) => option !== undefined)) return false;
  return purgatory === false || hasFileLoad(machine) !== false;
}

/** Whether a change applies to the load: this program has all of them, the running kernel those of its release. */
export function loaderHas(load: LoadOfMachine, change: KernelChangeName): boolean {
  return !isRunningKernelsWork(load) || hasChange(load.machine.kernel?.release, change);
}
