import { refuse } from '../../base/error.js';
import { getProperty } from './edit.js';
import type { FdtNode } from './tree.js';
import { readU32 } from './values.js';

/** libfdt's FDT_MAX_NCELLS. */
const MAX_CELLS = 4;

/**
 * How many cells an address of a node's children has: its `#address-cells`, 1 to 4, or 2 if it has none, as libfdt's
 * `fdt_address_cells()` tells the kernel when it writes /chosen.
 *
 * @throws KexecError `EINVAL`, check `dtb-value`, for any other number.
 */
export function readAddressCells(node: FdtNode): number {
  return cellCount(node, '#address-cells', 1) ?? 2;
}

/**
 * How many cells a size in a node's children has: its `#size-cells`, 0 to 4, or 1 if it has none: `fdt_size_cells()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-value`, for any other number.
 */
export function readSizeCells(node: FdtNode): number {
  return cellCount(node, '#size-cells', 0) ?? 1;
}

function cellCount(node: FdtNode, name: string, least: number): number | undefined {
  const value = getProperty(node, name);
  if (value === undefined) return undefined;
  const count = readU32(value);
  if (count < least || count > MAX_CELLS) {
    refuse('dtb-value', 'EINVAL', `${name} is ${count}`);
  }
  return count;
}
