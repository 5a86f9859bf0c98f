import { formatRange, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { reserveCrashkernel } from '../../crash/crashkernel/reserve-crashkernel.js';
import { KERNEL_CHANGES } from '../../machine/kernel-changes.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

const FRAME = {
  topic: 'crash-region',
  about: 'kdump',
  source: '/sys/kernel/kexec/crash_cma_ranges and the command line; reserve_crashkernel_cma()',
} as const;

/** Finds what became of `crashkernel=SIZE,cma`, on a machine with a crash region. */
export function diagnoseCrashCma(machine: Machine): Finding[] {
  const { crashCma } = machine;
  if (crashCma !== undefined) {
    return [
      {
        ...FRAME,
        severity: 'fine',
        fact: `${formatParameterSize(totalSize(crashCma))} of CMA are reserved for a crash kernel, too, at ${crashCma.map(formatRange).join(' and ')}`,
        why: 'programs use this memory until a crash: a dump has none of their pages in it, and DMA of devices may still write there',
      },
    ];
  }
  const reservation = reserveCrashkernel(machine);
  if (reservation.kind !== 'reserved') return [];
  const { cma, ignored } = reservation.request;
  if (cma !== undefined) {
    return [
      {
        ...FRAME,
        severity: 'unknown',
        fact: `${cma} is on the command line, but no CMA range for a crash kernel is recorded`,
        why: 'without one, a crash kernel has the crash region alone',
        cure: 'record the machine again; if there is still none, the log of the boot says why (dmesg | grep "crashkernel CMA")',
      },
    ];
  }
  const unused = ignored.findLast((parameter) => parameter.endsWith(',cma'));
  if (unused === undefined) return [];
  const { since } = KERNEL_CHANGES['crash-cma'];
  return [
    {
      ...FRAME,
      severity: 'warns',
      fact: `the kernel reserves nothing for ${unused}: Linux ${since} and later do`,
      why: 'a crash kernel has the crash region alone, and may run out of memory',
      cure: `add its size to that of crashkernel=, or run Linux ${since} or later`,
    },
  ];
}
