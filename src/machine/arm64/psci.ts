import { findNode, getProperty } from '../../formats/fdt/edit.js';
import { readString } from '../../formats/fdt/values.js';
import type { AcpiFacts } from '../acpi-facts.js';
import type { Arm64Machine } from './arm64-machine.js';
import { readDeviceTree } from './read-device-tree.js';

/** How PSCI is called: the `method` of the /psci node (Linux's psci.yaml binding), or the FADT's Arm boot flags. */
export type PsciConduit = 'hvc' | 'smc';

/** The conduits by ACPI's methods of starting CPUs; undefined for those without PSCI. */
export const ACPI_CONDUITS: Readonly<Record<NonNullable<AcpiFacts['cpuMethod']>, PsciConduit | undefined>> = {
  'psci-smc': 'smc',
  'psci-hvc': 'hvc',
  'parking-protocol': undefined,
  unknown: undefined,
};

/**
 * Finds how PSCI is called, by the device tree or, if that has no /psci node, by ACPI.
 *
 * @returns undefined if the machine has no PSCI, or neither says how it is called
 * @throws KexecError `EINVAL`, a check of the device tree, if it is malformed.
 */
export function findPsciConduit(machine: Arm64Machine): PsciConduit | undefined {
  const psci = findNode(readDeviceTree(machine), '/psci');
  if (psci === undefined) return ACPI_CONDUITS[machine.acpi?.cpuMethod ?? 'unknown'];
  const method = getProperty(psci, 'method');
  const name = method && readString(method);
  return name === 'hvc' || name === 'smc' ? name : undefined;
}
