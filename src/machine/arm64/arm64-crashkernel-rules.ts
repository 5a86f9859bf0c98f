import { attempt, KexecError } from '../../base/error.js';
import { GIB, MIB, maximum, minimum, U64_LIMIT } from '../../base/u64.js';
import { readAddressCells, readSizeCells } from '../../formats/fdt/cells.js';
import { getProperty } from '../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../formats/fdt/tree.js';
import { readCells } from '../../formats/fdt/values.js';
import type { CrashkernelRules } from '../crashkernel-rules.js';
import { hasChange, KERNEL_CHANGES, type KernelChangeName } from '../kernel-changes.js';
import type { Arm64Machine } from './arm64-machine.js';
import { readDeviceTree } from './read-device-tree.js';

/**
 * What the running kernel does with `crashkernel=`, by its release: kernel functions `reserve_crashkernel()` of
 * arch/arm64/mm/init.c and, since 6.7 with the same results, `reserve_crashkernel_generic()`.
 */
export function findCrashkernelRules(machine: Arm64Machine): CrashkernelRules {
  const { kernel: { release } = {} } = machine;
  const has = (change: KernelChangeName): boolean => hasChange(release, change);
  return {
    suffixes: [',high', ',low', ...(has('crashkernel-cma') ? ([',cma'] as const) : [])],
    hasHigh: has('crashkernel-high'),
    highSince: KERNEL_CHANGES['crashkernel-high'].since,
    reservesCma: has('crash-cma') || machine.crashCma !== undefined,
    fallsBackToHigh: has('crashkernel-fallback'),
    defaultLowSize: has('crashkernel-fallback') ? 128n * MIB : 0n,
    lowLimit: findLowLimit(machine, has('dma-ranges')),
    alignment: 2n * MIB,
    ramStep: has('rounded-ram') ? 128n * MIB : 1n,
  };
}

/**
 * `arm64_dma_phys_limit`: the end of the memory that every device can address. Since 5.11, the `dma-ranges` of the
 * device tree count (a Raspberry Pi 4 has devices that address 1 GiB); before, `max_zone_phys()` counts 4 GiB from the
 * multiple of 4 GiB at which RAM begins.
 */
function findLowLimit(machine: Arm64Machine, hasDmaRanges: boolean): bigint {
  const first = machine.memory[0]?.start ?? 0n;
  const low = 4n * GIB;
  if (!hasDmaRanges) return (first / low) * low + low;
  if (first >= low) return U64_LIMIT;
  const tree = attempt(() => findDmaLimit(readDeviceTree(machine)));
  const limit = tree instanceof KexecError ? low : minimum(tree, low);
  return first >= limit ? low : limit;
}

/** `of_dma_get_max_cpu_address()`, for the buses at the root: rounded up to a power of two, as zone_dma_bits is. */
function findDmaLimit({ root }: Fdt): bigint {
  const ends = root.children.flatMap((bus) => findDmaEnd(bus, root) ?? []);
  const lowest = ends.reduce(minimum, U64_LIMIT);
  return 1n << BigInt((lowest - 1n).toString(2).length);
}

/** The end of the memory that devices on a bus can address. @returns undefined without `dma-ranges` */
function findDmaEnd(bus: FdtNode, root: FdtNode): bigint | undefined {
  const ranges = getProperty(bus, 'dma-ranges');
  if (ranges === undefined || ranges.length === 0) return undefined;
  const [child, parent, length] = [readAddressCells(bus), readAddressCells(root), readSizeCells(bus)];
  const step = 4 * (child + parent + length);
  let end = 0n;
  for (let at = 0; at + step <= ranges.length; at += step) {
    const start = readCells(ranges.subarray(at + 4 * child, at + 4 * (child + parent)), parent);
    const size = readCells(ranges.subarray(at + 4 * (child + parent), at + step), length);
    end = maximum(end, start + size);
  }
  return end === 0n ? undefined : end;
}
