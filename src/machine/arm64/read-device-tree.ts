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
