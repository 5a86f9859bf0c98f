import { PN_XNUM } from '../../formats/elf/format.js';
import { headersSize } from '../../formats/elf/program-headers.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';

const PROGRAM_HEADER_BYTES = 56n;

/**
 * The memory of an ELF core header in bytes, before it is rounded up to pages: kernel function `crash_load_segments()`. With
 * CONFIG_CRASH_HOTPLUG, the kernel updates it in place when memory is plugged, and keeps room for the most ranges.
 *
 * @param bytes - the header
 * @param ranges - the number of ranges of memory in it
 */
export function measureElfcorehdr(bytes: Uint8Array, ranges: number, machine: X86Machine): bigint {
  const count = countHeaders(ranges, machine);
  return count === undefined || !(count < PN_XNUM) ? BigInt(bytes.length) : BigInt(headersSize(count));
}

/** Whether the running kernel updates the header when CPUs or memory are plugged. */
export function hasCrashHotplug({ x86, kernel }: X86Machine): boolean {
  return x86.crashElfcorehdrSize !== undefined || isBuiltIn(kernel?.config, 'CRASH_HOTPLUG') === true;
}

/** Notes of every CPU and every range, VMCOREINFO, and the kernel's text. */
function countHeaders(ranges: number, machine: X86Machine): number | undefined {
  if (!hasCrashHotplug(machine)) return undefined;
  const { x86, kernel: { config } = {} } = machine;
  const plugsMemory = isBuiltIn(config, 'MEMORY_HOTPLUG') ?? true;
  const { NR_CPUS_DEFAULT: cpus, CRASH_MAX_MEMORY_RANGES: most } = config ?? {};
  const more = plugsMemory ? 0 : ranges;
  if (x86.crashElfcorehdrSize !== undefined)
    return Number(x86.crashElfcorehdrSize / PROGRAM_HEADER_BYTES) + more;
  if (cpus === undefined || (plugsMemory && most === undefined)) return undefined;
  return 2 + Number(cpus) + (plugsMemory ? Number(most) : ranges);
}
