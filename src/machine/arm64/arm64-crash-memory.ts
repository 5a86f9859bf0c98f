import { GIB, KIB, MIB } from '../../base/u64.js';
import type { CrashMemoryRules } from '../crash-memory-rules.js';

/** What crash kernels of arm64 take: booting.rst bounds the device tree, and kdump-utils has sizes for aarch64. */
export const ARM64_CRASH_MEMORY: CrashMemoryRules = {
  kernelSizeField: 'image_size',
  kernelAlignment: 2n * MIB,
  beside: { what: 'device tree and ELF core header', bytes: 2n * MIB + 64n * KIB, why: 'at most' },
  usualCma: 64n * MIB,
  usualSizes: [
    { from: 64n * GIB, bytes: 576n * MIB },
    { from: 4n * GIB, bytes: 320n * MIB },
    { from: 2n * GIB, bytes: 256n * MIB },
  ],
};
