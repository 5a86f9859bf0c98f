import { findNode, getProperty } from '../formats/fdt/edit.js';
import { readBootTree } from './architectures.js';
import type { MachineFacts } from './machine-facts.js';
import { SYSTEM_TABLE_PROPERTY } from './uefi-properties.js';

/** Whether the running kernel was booted by UEFI: as its device tree says, if sysfs was not recorded. */
export function isBootedByUefi(machine: MachineFacts): boolean {
  if (machine.efi !== undefined) return true;
  const tree = readBootTree(machine);
  const chosen = tree && findNode(tree, '/chosen');
  return chosen !== undefined && getProperty(chosen, SYSTEM_TABLE_PROPERTY) !== undefined;
}
