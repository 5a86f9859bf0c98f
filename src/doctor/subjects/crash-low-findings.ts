import { formatRange, type Range, size } from '../../base/range.js';
import { formatParameterSize, formatSize } from '../../base/sizes.js';
import { MIB, maximum } from '../../base/u64.js';
import { measureLowRam, reserveCrashkernel } from '../../crash/crashkernel/reserve-crashkernel.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { describeCommandLinePlace } from '../../machine/boot-loader.js';
import { findParameterValues } from '../../machine/command-line.js';
import type { CrashkernelRules } from '../../machine/crashkernel-rules.js';
import type { CrashRegion } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, FindingFrame } from '../finding.js';
import type { NextKernel } from '../next-kernel.js';
import { adviseSize } from './advise-crash-size.js';

const FRAME: FindingFrame = {
  topic: 'crash-region',
  about: 'kdump',
  source: 'Crash kernel in /proc/iomem; reserve_crashkernel(), swiotlb_init()',
};

/** What is reserved at least where the kernel reserves no default: as much as it does from Linux 6.2 on. In bytes. */
const USUAL_LOW = 128n * MIB;

/** `IO_TLB_DEFAULT_SIZE`: the bounce buffers for devices that cannot address all memory. In bytes. */
const SWIOTLB_SIZE = 64n * MIB;

/** `IO_TLB_SIZE`: `swiotlb=` counts in slabs of this many bytes. */
const SWIOTLB_SLAB = 2048n;

/** Finds whether a crash kernel that lies above 4 GiB has memory below, for devices that cannot address more. */
export function diagnoseCrashLow(machine: Machine, { high, low }: CrashRegion, next: NextKernel): Finding[] {
  const rules = findMachineArchitecture(machine).findCrashkernelRules(machine);
  if (high.start < rules.lowLimit) return [];
  if (low !== undefined) return [judgeLow(low, machine, rules, next)];
  return measureLowRam(machine, rules) === 0n ? [] : [describeMissingLow(high, machine, rules)];
}

function describeMissingLow(high: Range, machine: Machine, rules: CrashkernelRules): Finding {
  const limit = formatSize(rules.lowLimit);
  const parameter = adviseLow(rules);
  return {
    ...FRAME,
    severity: 'warns',
    fact: `all memory for the crash kernel is above ${limit}: ${formatRange(high)}${nameParameters(machine)}`,
    why: 'some devices, among them disks and network cards, cannot address it',
    cure: rules.hasHigh
      ? `add ${parameter} to the command line (${describeCommandLinePlace(machine, parameter)}), and reboot`
      : `leave out the address, so that the kernel reserves below ${limit}: ${adviseSize(machine, size(high))}`,
  };
}

/** The buffers are halved until they fit: kernel function `swiotlb_init_remap()`. */
function judgeLow(low: Range, machine: Machine, rules: CrashkernelRules, next: NextKernel): Finding {
  const limit = formatSize(rules.lowLimit);
  const fact =
    `beside the region above ${limit}, ${formatParameterSize(size(low))} are reserved below, at ` +
    `${formatRange(low)}${nameParameters(machine)}`;
  const buffers = findSwiotlbSize(next.commandLine ?? '');
  if (size(low) > buffers) {
    const why = `devices that cannot address more use it${buffers === 0n ? '' : `, by buffers of ${formatParameterSize(buffers)} (swiotlb)`}`;
    return { ...FRAME, severity: 'fine', fact, why };
  }
  const parameter = adviseLow(rules);
  return {
    ...FRAME,
    severity: 'warns',
    fact: `${fact}; the crash kernel's swiotlb takes ${formatParameterSize(buffers)}`,
    why: 'with smaller buffers for devices that cannot address more, the dump may stop at "swiotlb buffer is full"',
    cure: `boot with ${parameter} (${describeCommandLinePlace(machine, parameter)}), or give the crash kernel a smaller swiotlb=`,
  };
}

function adviseLow({ defaultLowSize }: CrashkernelRules): string {
  return `crashkernel=${formatParameterSize(maximum(defaultLowSize, USUAL_LOW))},low`;
}

/** The parameters that decided, in brackets; empty if the command line is unknown. */
function nameParameters(machine: Machine): string {
  const reservation = reserveCrashkernel(machine);
  return 'request' in reservation ? ` (${reservation.request.text})` : '';
}

/** `setup_io_tlb_npages()`: the number of slabs, or `noforce` for none. */
function findSwiotlbSize(commandLine: string): bigint {
  const words = findParameterValues(commandLine, 'swiotlb').at(-1)?.split(',') ?? [];
  if (words.includes('noforce')) return 0n;
  const slabs = /^\d{1,9}$/.exec(words[0] ?? '')?.[0];
  return slabs === undefined ? SWIOTLB_SIZE : BigInt(slabs) * SWIOTLB_SLAB;
}
