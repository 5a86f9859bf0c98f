import { findMachineArchitecture } from './architectures.js';
import type { MachineFacts } from './machine-facts.js';

/**
 * Whether the running kernel was booted by UEFI: as sysfs says or, if that was not recorded, what its boot loader gave it.
 *
 * @returns undefined if neither says so
 */
export function findUefiBoot(machine: MachineFacts): boolean | undefined {
  return machine.efi === undefined ? findMachineArchitecture(machine).readUefiBoot(machine) : true;
}

/** Whether the running kernel is known to be booted by UEFI. */
export function isBootedByUefi(machine: MachineFacts): boolean {
  return findUefiBoot(machine) === true;
}
