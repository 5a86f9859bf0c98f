import { chooseCrashkernel } from '../../crash/crashkernel/choose-crashkernel.js';
import { describeCommandLinePlace } from '../../machine/boot-loader.js';
import type { Machine } from '../../machine/machine-value.js';

/** Advises how to boot with a crash region of this size, in bytes. */
export function adviseSize(machine: Machine, bytes: bigint): string {
  const { parameter } = chooseCrashkernel(bytes, machine);
  return `boot with ${parameter} (${describeCommandLinePlace(machine, parameter)})`;
}
