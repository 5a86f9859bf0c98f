import type { Range } from '../../base/range.js';
import { parseFdt } from '../../formats/fdt/parse.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import type { Arm64Facts, Arm64Machine } from './arm64-machine.js';

/** The last tree that was read. One is enough, and a WeakMap would keep trees for many garbage collections. */
let last: { readonly facts: Arm64Facts; readonly tree: Fdt } | undefined;

/**
 * The device tree that the machine was booted with, parsed. A machine is a value, so the tree is parsed once for all
 * loads that are planned on it; the caller must not change it.
 *
 * @throws KexecError as {@link parseFdt}.
 */
export function readDeviceTree({ arm64 }: Arm64Machine): Fdt {
  if (last?.facts !== arm64) last = { facts: arm64, tree: parseFdt(arm64.deviceTree) };
  return last.tree;
}

/**
 * The memory of the running device tree, in its exact size: by its recorded address, or else by a reservation of
 * exactly its size, as boot loaders make it.
 *
 * @param running - that device tree
 * @returns undefined if neither is known
 */
export function findDeviceTreeRange(
  { reservations }: Fdt,
  { arm64 }: Pick<Arm64Machine, 'arm64'>,
): Range | undefined {
  const length = BigInt(arm64.deviceTree.length);
  const start = arm64.deviceTreeAddress ?? reservations.find(({ size }) => size === length)?.address;
  return start === undefined ? undefined : { start, end: start + length };
}
