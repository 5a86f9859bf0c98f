import { GIB, MIB } from '../../base/u64.js';
import type { CrashkernelRules } from '../crashkernel-rules.js';
import { hasChange } from '../kernel-changes.js';
import type { X86Machine } from './x86-machine.js';

/**
 * What the running kernel does with `crashkernel=`: kernel functions `reserve_crashkernel()` of
 * arch/x86/kernel/setup.c and, since 6.7, `reserve_crashkernel_generic()`; `crash_low_size_default()` with swiotlb's
 * default of 64 MiB.
 */
export function findCrashkernelRules({ kernel: { release } = {} }: X86Machine): CrashkernelRules {
  return {
    suffixes: [',high', ',low', ...(hasChange(release, 'crashkernel-cma') ? ([',cma'] as const) : [])],
    hasHigh: true,
    reservesCma: true,
    fallsBackToHigh: true,
    defaultLowSize: 256n * MIB,
    lowLimit: 4n * GIB,
    alignment: 16n * MIB,
    ramStep: hasChange(release, 'rounded-ram') ? 128n * MIB : 1n,
  };
}
