import { hasKernelPurgatory } from '../../machine/architectures.js';
import type { Machine } from '../../machine/machine-value.js';
import { recordLive } from './record-live.js';

/**
 * Records the machine that the program runs on, with the running kernel's purgatory if its kernels have one: that is in the
 * kernel's file, which has to be unpacked.
 *
 * @throws KexecError as {@link recordLive}; a purgatory that cannot be read is an unknown fact.
 */
export async function recordThisMachine(): Promise<Machine> {
  return completeThisMachine(recordLive());
}

/** Adds the running kernel's purgatory to this machine, if its kernels have one and the machine lacks it. */
export async function completeThisMachine(machine: Machine): Promise<Machine> {
  if (!hasKernelPurgatory(machine) || machine.x86.purgatory !== undefined) return machine;
  const { addOwnPurgatory } = await import('./add-purgatory.js');
  return addOwnPurgatory(machine);
}
