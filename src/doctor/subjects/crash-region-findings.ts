import { attempt, KexecError } from '../../base/error.js';
import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { GIB, MIB, maximum } from '../../base/u64.js';
import { UNPACKED_RATIO } from '../../crash/estimate.js';
import { findUsualCrashkernel } from '../../crash/usual-crashkernel.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import { hasSmmu } from '../../machine/arm64/smmu.js';
import { parseCommandLine } from '../../machine/command-line.js';
import type { CrashRegion } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import { type IntendedLoad, parseBootedTree } from '../intended-load.js';

const RESERVES = 'reserve_crashkernel()';
const OUT_OF_MEMORY = 'a crash kernel that runs out of memory saves no dump';
const DEFAULTS = "kdump-utils' defaults for aarch64";

/** The least memory that a kernel and its user space need beside the loaded files: a round figure, not a measurement. */
const RUNTIME_BYTES = 64n * MIB;

/** Finds whether memory is reserved for a crash kernel, and whether it is likely to be enough. */
export function diagnoseCrashRegion(machine: Machine, intended: IntendedLoad): Finding[] {
  const { crashRegion } = machine;
  if (crashRegion === undefined) return [diagnoseMissing(machine)];
  return [
    { ...diagnoseSize(machine, crashRegion), source: `Crash kernel in /proc/iomem; ${DEFAULTS}` },
    ...diagnoseNeed(machine, crashRegion, intended),
    ...diagnoseLow(crashRegion),
  ];
}

/** kdump-utils reserves nothing below 2 GiB of RAM; doctor then recommends the smallest of its sizes. */
const SMALLEST_BYTES = 256n * MIB;

/** The size in bytes that kdump-utils reserves by default on the machine, or the smallest of its sizes. */
export function recommendCrashRegion(machine: Machine): bigint {
  const usual = findUsualCrashkernel(totalSize(machine.memory), machine.pageSize, () => {
    const tree = parseBootedTree(machine);
    return tree !== undefined && hasSmmu(tree);
  });
  return usual?.bytes ?? SMALLEST_BYTES;
}

function diagnoseMissing(machine: Machine): Finding {
  const requests = parseCommandLine(machine.commandLine ?? '').filter(({ name }) => name === 'crashkernel');
  const recommended = `crashkernel=${formatParameterSize(recommendCrashRegion(machine))}`;
  const finding = {
    topic: 'crash-region',
    severity: 'stops',
    about: 'kdump',
    why: 'a crash kernel runs in memory that the running kernel reserves at boot; without it, the load fails with EADDRNOTAVAIL',
    source: `/proc/iomem and the command line; ${RESERVES}, ${DEFAULTS}`,
  } as const;
  // Without crashkernel= nothing is reserved; with it, only iomem shows whether that succeeded.
  if (machine.commandLine === undefined || (requests.length > 0 && !hasIomem(machine))) {
    return {
      ...finding,
      severity: 'unknown',
      fact: 'whether memory is reserved for a crash kernel is not known',
      cure: 'record the machine as root, with /proc/iomem and /proc/cmdline',
    };
  }
  if (requests.length > 0) {
    const texts = requests.map(({ text }) => text).join(' ');
    return {
      ...finding,
      fact: `${texts} is on the command line, but no memory is reserved for a crash kernel`,
      cure:
        'the running kernel found no free range of that size, or could not parse the parameter: see "crashkernel" in ' +
        `its log; try ${recommended} or less, or ${recommended},high, and reboot`,
    };
  }
  return {
    ...finding,
    fact: 'no memory is reserved for a crash kernel: the command line has no crashkernel=',
    cure:
      `add ${recommended} to the running kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then ` +
      'update-grub), and reboot',
  };
}

function hasIomem({ memorySource, unknown = [] }: Machine): boolean {
  return memorySource !== 'device-tree' && unknown.every(({ fact }) => fact !== 'iomem');
}

function diagnoseSize(machine: Machine, { high, low }: CrashRegion): Omit<Finding, 'source'> {
  const recommended = recommendCrashRegion(machine);
  const reserved = formatParameterSize(size(high));
  const where = [high, ...(low === undefined ? [] : [low])].map(formatRange).join(' and ');
  const finding = { topic: 'crash-region', about: 'kdump' } as const;
  if (size(high) >= recommended) {
    return {
      ...finding,
      severity: 'fine',
      fact: `${reserved} are reserved for a crash kernel, at ${where}`,
      why: `kdump-utils would reserve ${formatParameterSize(recommended)} on this machine`,
    };
  }
  return {
    ...finding,
    severity: 'warns',
    fact: `${reserved} are reserved for a crash kernel, at ${where}; kdump-utils would reserve ${formatParameterSize(recommended)}`,
    why: OUT_OF_MEMORY,
    cure: `try it (echo c > /proc/sysrq-trigger, on a machine that may go down), or boot with crashkernel=${formatParameterSize(recommended)}`,
  };
}

/** Estimates the memory for the given files. Whether they fit at all is a finding of the load. */
function diagnoseNeed(
  machine: Machine,
  { high }: CrashRegion,
  { kernel, initrd, panic }: IntendedLoad,
): Finding[] {
  if (kernel === undefined || panic !== true) return [];
  const imageSize = readImageSize(kernel);
  if (imageSize === undefined) return [];
  const initrdSize = BigInt(initrd?.length ?? 0);
  const need = imageSize + initrdSize * (1n + UNPACKED_RATIO) + RUNTIME_BYTES;
  if (need <= size(high)) return [];
  const larger = `boot with crashkernel=${formatParameterSize(maximum(need, recommendCrashRegion(machine)))}`;
  const files = `the kernel takes ${formatParameterSize(imageSize)}${initrdSize === 0n ? '' : `, the initrd ${formatParameterSize(initrdSize)}`}`;
  return [
    {
      topic: 'crash-region',
      severity: 'warns',
      about: 'kdump',
      fact:
        `${files}; when they run, they need about ${formatParameterSize(need)}, but only ${formatParameterSize(size(high))} ` +
        'are reserved',
      why: OUT_OF_MEMORY,
      cure:
        initrdSize === 0n ? larger : `make the initrd smaller (MODULES=dep, dracut --hostonly), or ${larger}`,
      source: 'image_size and the initrd, its unpacked size estimated; booting.rst',
    },
  ];
}

function readImageSize(kernel: Uint8Array): bigint | undefined {
  const header = attempt(() => parseImageHeader(kernel));
  return header instanceof KexecError ? undefined : header.imageSize;
}

function diagnoseLow({ high, low }: CrashRegion): Finding[] {
  if (high.start < 4n * GIB || low !== undefined) return [];
  return [
    {
      topic: 'crash-region',
      severity: 'warns',
      about: 'kdump',
      fact: `all memory for the crash kernel is above 4 GiB: ${formatRange(high)}`,
      why: 'devices with 32-bit addresses cannot reach it, among them some disks and network cards',
      cure: 'add crashkernel=128M,low to the command line, and reboot',
      source: `Crash kernel in /proc/iomem; ${RESERVES}`,
    },
  ];
}
