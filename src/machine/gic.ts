import { getProperty } from '../formats/fdt/edit.js';
import { walkNodes } from '../formats/fdt/tree.js';
import { readStrings } from '../formats/fdt/values.js';
import { readBootTree } from './architectures.js';
import { findParameterValues } from './command-line.js';
import { isAvailable } from './device-tree.js';
import type { MachineFacts } from './machine-facts.js';

/** The name of Linux's binding for an interrupt translation service: arm,gic-v3.yaml. */
const ITS = 'arm,gic-v3-its';

/**
 * Whether the interrupt controller has an ITS, which devices signal by LPIs: by ACPI's MADT, or by the device tree.
 *
 * @returns undefined if neither was recorded
 */
export function hasIts(machine: MachineFacts): boolean | undefined {
  if (machine.acpi !== undefined) {
    const { gic } = machine.acpi;
    return gic && gic.its > 0;
  }
  const tree = readBootTree(machine);
  if (tree === undefined) return undefined;
  for (const node of walkNodes(tree.root)) {
    const compatible = getProperty(node, 'compatible');
    if (compatible !== undefined && readStrings(compatible).includes(ITS) && isAvailable(node)) return true;
  }
  return false;
}

/** Whether the running kernel uses no LPIs, so that the interrupt controller writes to no tables: `gicv3_nolpi_cfg()`. */
export function switchesLpisOff({ commandLine = '' }: MachineFacts): boolean {
  return ['1', 'y', 'on'].includes(findParameterValues(commandLine, 'irqchip.gicv3_nolpi').at(-1) ?? '');
}
