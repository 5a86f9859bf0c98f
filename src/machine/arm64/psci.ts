import { findNode, getProperty } from '../../formats/fdt/edit.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { readString } from '../../formats/fdt/values.js';

/** How PSCI is called: the `method` of the /psci node (Linux's psci.yaml binding). */
export type PsciConduit = 'hvc' | 'smc';

/** @returns undefined if the machine has no PSCI, or the device tree does not say how it is called */
export function findPsciConduit(fdt: Fdt): PsciConduit | undefined {
  const psci = findNode(fdt, '/psci');
  const method = psci && getProperty(psci, 'method');
  const name = method && readString(method);
  return name === 'hvc' || name === 'smc' ? name : undefined;
}
