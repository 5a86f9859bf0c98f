import { totalSize } from '../base/range.js';
import { alignUp, GIB, MIB } from '../base/u64.js';
import { findMachineArchitecture, readBootTree } from '../machine/architectures.js';
import { hasSmmu } from '../machine/arm64/smmu.js';
import type { CrashMemoryRules } from '../machine/crash-memory-rules.js';
import type { MachineFacts } from '../machine/machine-facts.js';

/** The size that a distribution reserves for a crash kernel, and the conditions that give it. */
export interface UsualCrashkernel {
  readonly bytes: bigint;
  readonly why: string;
}

/** Added for a kernel with pages of 64 KiB. */
const LARGE_PAGES_BYTES = 100n * MIB;

/**
 * Added for such a kernel if there is an SMMU: its queues take whole pages. With pages of 4 KiB, they are negligible.
 */
const SMMU_BYTES = 384n * MIB;

/** Nothing is added to the size for the smallest machines. */
const FIRST_WITH_ADDITIONS = 4n * GIB;

const LARGE_PAGE = 65536;

/** RAM is rounded up before it is compared, by kdump-utils as by the kernel: firmware keeps some of it. */
const RAM_STEP = 128n * MIB;

/**
 * The size that kdump-utils (kdumpctl) reserves by default. It also adds memory for the driver mlx5, which a machine value does
 * not contain.
 *
 * @param sizes - those of the architecture
 * @param ram - in bytes
 * @param pageSize - of the kernel, in bytes
 * @param hasSmmu - called only if it matters
 * @returns undefined below 2 GiB of RAM, where it reserves nothing
 */
export function findUsualCrashkernel(
  sizes: CrashMemoryRules['usualSizes'],
  ram: bigint,
  pageSize: number,
  hasSmmu: () => boolean,
): UsualCrashkernel | undefined {
  const size = sizes.find(({ from }) => alignUp(ram, RAM_STEP) >= from);
  if (size === undefined) return undefined;
  const reasons = [`RAM from ${size.from / GIB} GiB on`];
  if (pageSize !== LARGE_PAGE || size.from < FIRST_WITH_ADDITIONS)
    return { bytes: size.bytes, why: reasons.join(', ') };
  reasons.push('pages of 64 KiB');
  if (!hasSmmu()) return { bytes: size.bytes + LARGE_PAGES_BYTES, why: reasons.join(', ') };
  reasons.push('an SMMU');
  return { bytes: size.bytes + LARGE_PAGES_BYTES + SMMU_BYTES, why: reasons.join(', ') };
}

/** {@link findUsualCrashkernel} for a machine, with the pages of its crash kernel. */
export function findUsualCrashkernelOf(
  machine: MachineFacts,
  pageSize: number,
): UsualCrashkernel | undefined {
  const { usualSizes } = findMachineArchitecture(machine).findCrashMemoryRules(machine);
  return findUsualCrashkernel(usualSizes, totalSize(machine.memory), pageSize, () => {
    const tree = readBootTree(machine);
    return tree !== undefined && hasSmmu(tree);
  });
}

/** What Debian's kdump-tools puts on the command line: `crashkernel=384M-:128M`. */
const KDUMP_TOOLS = { from: 384n * MIB, bytes: 128n * MIB };

/** The size of a crash region that a distribution's tools would reserve, in bytes, and whose default it is. */
export interface RecommendedRegion {
  readonly bytes: bigint;
  readonly by: 'kdump-utils' | 'kdump-tools';
}

/**
 * The size to recommend for a machine: the default of kdump-utils or, on machines for which that reserves nothing, of
 * Debian's kdump-tools.
 *
 * @returns undefined if neither would reserve anything
 */
export function recommendCrashRegion(machine: MachineFacts): RecommendedRegion | undefined {
  const usual = findUsualCrashkernelOf(machine, machine.pageSize);
  if (usual !== undefined) return { bytes: usual.bytes, by: 'kdump-utils' };
  return alignUp(totalSize(machine.memory), RAM_STEP) >= KDUMP_TOOLS.from
    ? { bytes: KDUMP_TOOLS.bytes, by: 'kdump-tools' }
    : undefined;
}
