import { compareTrees, type TreeChanges } from '../formats/fdt/compare.js';
import { readBootTree } from '../machine/architectures.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { Kimage } from './kimage.js';
import { readNextTree } from './next-tree.js';

/**
 * Compares the running device tree with the one that the next kernel gets.
 *
 * @returns undefined if either is missing or malformed
 */
export function findTreeChanges(
  machine: MachineFacts,
  kimage: Pick<Kimage, 'segments'>,
): TreeChanges | undefined {
  const [before, after] = [readBootTree(machine), readNextTree(kimage)];
  return before && after && compareTrees(before, after);
}
