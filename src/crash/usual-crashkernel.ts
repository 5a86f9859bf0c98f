import { GIB, MIB } from '../base/u64.js';

/** The size that a distribution reserves for a crash kernel, and the conditions that give it. */
export interface UsualCrashkernel {
  readonly bytes: bigint;
  readonly why: string;
}

/** `kdump_get_arch_recommend_crashkernel()` of kdump-utils, for aarch64: the size from this much RAM on. */
const SIZES: readonly { readonly from: bigint; readonly bytes: bigint }[] = [
  { from: 64n * GIB, bytes: 576n * MIB },
  { from: 4n * GIB, bytes: 320n * MIB },
  { from: 2n * GIB, bytes: 256n * MIB },
];

/** Added for a kernel with pages of 64 KiB. */
const LARGE_PAGES_BYTES = 100n * MIB;

/** Added for such a kernel if there is an SMMU: its queues take whole pages. With pages of 4 KiB, they are negligible. */
const SMMU_BYTES = 384n * MIB;

const LARGE_PAGE = 65536;

/**
 * The size that kdump-utils (kdumpctl) reserves by default on an aarch64 machine. It also adds memory for the driver
 * mlx5, which a machine value does not contain.
 *
 * @param ram - in bytes
 * @param pageSize - of the kernel, in bytes
 * @param hasSmmu - called only if it matters
 * @returns undefined below 2 GiB of RAM, where it reserves nothing
 */
export function findUsualCrashkernel(
  ram: bigint,
  pageSize: number,
  hasSmmu: () => boolean,
): UsualCrashkernel | undefined {
  const size = SIZES.find(({ from }) => ram >= from);
  if (size === undefined) return undefined;
  const reasons = [`RAM from ${size.from / GIB} GiB on`];
  if (pageSize !== LARGE_PAGE) return { bytes: size.bytes, why: reasons.join(', ') };
  reasons.push('pages of 64 KiB');
  if (!hasSmmu()) return { bytes: size.bytes + LARGE_PAGES_BYTES, why: reasons.join(', ') };
  reasons.push('an SMMU');
  return { bytes: size.bytes + LARGE_PAGES_BYTES + SMMU_BYTES, why: reasons.join(', ') };
}
