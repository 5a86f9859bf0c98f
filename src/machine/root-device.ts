import { readBootTree } from './architectures.js';
import { findParameterValues } from './command-line.js';
import type { MachineFacts } from './machine-facts.js';
import { findTreeInitrd } from './running-memory.js';

/**
 * Names that udev, device mapper or the scripts of an initrd resolve, and never the kernel itself
 * (`early_lookup_bdev()`): it knows PARTUUID=, PARTLABEL=, numbers, and devices by their own names.
 */
const RESOLVED_BY_INITRD = /^(UUID=|LABEL=|live:|zfs[=:]|\/dev\/(mapper|disk)\/)/i;

/** What `root=` says; the last one counts. Undefined without one, or if it is empty. */
export function findRoot(commandLine: string): string | undefined {
  return findParameterValues(commandLine, 'root').at(-1) || undefined;
}

/** Whether only an initrd can find a root file system. @param root - the value of `root=` */
export function needsInitrd(root: string): boolean {
  return RESOLVED_BY_INITRD.test(root);
}

/**
 * Finds whether the running kernel was given an initrd.
 *
 * @returns the fact that shows it; undefined if nothing that was recorded does
 */
export function findRunningInitrd(machine: MachineFacts): string | undefined {
  const tree = readBootTree(machine);
  if (tree !== undefined && findTreeInitrd(tree) !== undefined)
    return 'linux,initrd-start in its device tree';
  const { commandLine = '' } = machine;
  if (findParameterValues(commandLine, 'initrd').some((value) => value !== ''))
    return 'initrd= on its command line';
  const root = findRoot(commandLine);
  return root !== undefined && needsInitrd(root) ? `its root=${root} needs one` : undefined;
}
