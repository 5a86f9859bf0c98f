import { MIB, maximum } from '../../base/u64.js';
import type { KernelSize } from '../../crash/kernel-size.js';
import { parseBzimageHeader } from '../../formats/bzimage/header.js';

/** `MIN_KERNEL_LOAD_ADDR`. */
export const LOWEST_KERNEL = MIB;

/**
 * What a bzImage takes: boot.rst, `init_size`, `kernel_alignment` and `pref_address`. Its code that unpacks it, and the kernel in
 * its place, are in init_size.
 *
 * @throws KexecError as {@link parseBzimageHeader}.
 */
export function measureBzimage(kernel: Uint8Array): KernelSize {
  const { initSize = 0, kernelAlignment = 0, prefAddress = 0n } = parseBzimageHeader(kernel);
  return {
    memory: BigInt(initSize),
    pageSize: 4096,
    alignment: BigInt(kernelAlignment),
    lowest: maximum(prefAddress, LOWEST_KERNEL),
  };
}
