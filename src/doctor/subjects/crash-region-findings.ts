import { KexecError } from '../../base/error.js';
import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { GIB, MIB, maximum } from '../../base/u64.js';
import { findUsualCrashkernel } from '../../crash/usual-crashkernel.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import { hasSmmu } from '../../machine/arm64/smmu.js';
import { parseCommandLine } from '../../machine/command-line.js';
import type { CrashRegion } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import { parseBootedTree } from '../intended-load.js';

const RESERVES = 'reserve_crashkernel()';
const DEFAULTS = "kdump-utils' defaults for aarch64";

/** What a kernel and its user space need besides what is loaded, at the least. A round figure, not a measured one. */
const RUNTIME_BYTES = 64n * MIB;

/** What archives of modules and programs grow by when they are unpacked, roughly. */
const UNPACKING_FACTOR = 3n;

/** Whether memory is set aside for a crash kernel, and whether it looks like enough. */
export function diagnoseCrashRegion(machine: Machine, subject: IntendedLoad): Finding[] {
  const { crashRegion } = machine;
  if (crashRegion === undefined) return [diagnoseMissing(machine)];
  return [
    { ...diagnoseSize(machine, crashRegion), source: `Crash kernel in /proc/iomem; ${DEFAULTS}` },
    ...diagnoseNeed(machine, crashRegion, subject),
    ...diagnoseLow(crashRegion),
  ];
}

/** Recommended below 2 GiB of RAM, where kdump-utils reserves nothing: its smallest size. */
const SMALLEST_BYTES = 256n * MIB;

/** The size in bytes that kdump-utils reserves by default on the machine. */
export function recommendedCrashRegion(machine: Machine): bigint {
  const usual = findUsualCrashkernel(totalSize(machine.memory), machine.pageSize, () => {
    const tree = parseBootedTree(machine);
    return tree !== undefined && hasSmmu(tree);
  });
  return usual?.bytes ?? SMALLEST_BYTES;
}

function diagnoseMissing(machine: Machine): Finding {
  const asked = parseCommandLine(machine.commandLine ?? '').filter(({ name }) => name === 'crashkernel');
  const recommended = `crashkernel=${formatParameterSize(recommendedCrashRegion(machine))}`;
  const finding = {
    topic: 'crash-region',
    severity: 'stops',
    about: 'kdump',
    why: 'a crash kernel runs in memory that is set aside when the running kernel boots; without it: EADDRNOTAVAIL',
    source: `/proc/iomem and the command line; ${RESERVES}, ${DEFAULTS}`,
  } as const;
  // The command line settles it where nothing is asked for; what came of the asking, only iomem tells.
  if (machine.commandLine === undefined || (asked.length > 0 && !hasIomem(machine))) {
    return {
      ...finding,
      severity: 'unknown',
      fact: 'whether memory is reserved for a crash kernel is not known',
      cure: 'record the machine as root, with /proc/iomem and /proc/cmdline',
    };
  }
  if (asked.length > 0) {
    const texts = asked.map(({ text }) => text).join(' ');
    return {
      ...finding,
      fact: `${texts} is on the command line, but no memory is reserved for a crash kernel`,
      cure:
        `the running kernel found no such piece of memory, or did not understand: see "crashkernel" in its log; ` +
        `try ${recommended} or less, or ${recommended},high, and boot again`,
    };
  }
  return {
    ...finding,
    fact: 'no memory is reserved for a crash kernel: the command line has no crashkernel=',
    cure:
      `add ${recommended} to the running kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then ` +
      'update-grub), and boot again',
  };
}

function hasIomem({ memorySource, unknown = [] }: Machine): boolean {
  return memorySource !== 'device-tree' && unknown.every(({ fact }) => fact !== 'iomem');
}

function diagnoseSize(machine: Machine, { high, low }: CrashRegion): Omit<Finding, 'source'> {
  const recommended = recommendedCrashRegion(machine);
  const has = formatParameterSize(size(high));
  const where = [high, ...(low === undefined ? [] : [low])].map(formatRange).join(' and ');
  const finding = { topic: 'crash-region', about: 'kdump' } as const;
  if (size(high) >= recommended) {
    return {
      ...finding,
      severity: 'fine',
      fact: `${has} are reserved for a crash kernel, at ${where}`,
      why: `kdump-utils would reserve ${formatParameterSize(recommended)} on this machine`,
    };
  }
  return {
    ...finding,
    severity: 'warns',
    fact: `${has} are reserved for a crash kernel, at ${where}; kdump-utils would reserve ${formatParameterSize(recommended)}`,
    why: 'a crash kernel that runs out of memory saves nothing',
    cure: `try it (echo c > /proc/sysrq-trigger, on a machine that may go down), or boot with crashkernel=${formatParameterSize(recommended)}`,
  };
}

/** An estimate out of what would be loaded; that it can be placed at all, the load itself tells. */
function diagnoseNeed(
  machine: Machine,
  { high }: CrashRegion,
  { kernel, initrd, panic }: IntendedLoad,
): Finding[] {
  if (kernel === undefined || panic !== true) return [];
  const imageSize = readImageSize(kernel);
  if (imageSize === undefined) return [];
  const initrdSize = BigInt(initrd?.length ?? 0);
  const need = imageSize + initrdSize * (1n + UNPACKING_FACTOR) + RUNTIME_BYTES;
  if (need <= size(high)) return [];
  const better = maximum(need, recommendedCrashRegion(machine));
  return [
    {
      topic: 'crash-region',
      severity: 'warns',
      about: 'kdump',
      fact:
        `the kernel takes ${formatParameterSize(imageSize)}, the initrd ${formatParameterSize(initrdSize)}, and about as much as ` +
        `${formatParameterSize(need)} once it is unpacked and runs; reserved are ${formatParameterSize(size(high))}`,
      why: 'a crash kernel that runs out of memory saves nothing',
      cure: `make the initrd smaller (MODULES=dep, dracut --hostonly), or boot with crashkernel=${formatParameterSize(better)}`,
      source: 'image_size and the initrd, its unpacking estimated; booting.rst',
    },
  ];
}

function readImageSize(kernel: Uint8Array): bigint | undefined {
  try {
    return parseImageHeader(kernel).imageSize;
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}

function diagnoseLow({ high, low }: CrashRegion): Finding[] {
  if (high.start < 4n * GIB || low !== undefined) return [];
  return [
    {
      topic: 'crash-region',
      severity: 'warns',
      about: 'kdump',
      fact: `all memory for the crash kernel is above 4 GiB: ${formatRange(high)}`,
      why: 'devices that address 32 bits cannot reach any of it, among them some disks and network cards',
      cure: 'add crashkernel=128M,low to the command line, and boot again',
      source: `Crash kernel in /proc/iomem; ${RESERVES}`,
    },
  ];
}
