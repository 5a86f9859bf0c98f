import { refuse } from '../../base/error.js';
import { getProperty } from './edit.js';
import type { FdtNode } from './tree.js';
import { readU32 } from './values.js';

/** libfdt's FDT_MAX_NCELLS. */
const MAX_CELLS = 4;

/**
 * Reads the number of cells of an address in the children of a node: its `#address-cells`, 1 to 4, by default 2. The
 * kernel writes /chosen by the same rule, libfdt's `fdt_address_cells()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-value`, for any other number.
 */
export function readAddressCells(node: FdtNode): number {
  return readCellCount(node, '#address-cells', 1) ?? 2;
}

/**
 * Reads the number of cells of a size in the children of a node: its `#size-cells`, 0 to 4, by default 1:
 * `fdt_size_cells()`.
 *
 * @throws KexecError `EINVAL`, check `dtb-value`, for any other number.
 */
export function readSizeCells(node: FdtNode): number {
  return readCellCount(node, '#size-cells', 0) ?? 1;
}

function readCellCount(node: FdtNode, name: string, minimum: number): number | undefined {
  const value = getProperty(node, name);
  if (value === undefined) return undefined;
  const count = readU32(value);
  if (count < minimum || count > MAX_CELLS) {
    refuse('dtb-value', 'EINVAL', `${name} is ${count}`);
  }
  return count;
}
