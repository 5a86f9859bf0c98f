import { formatRange, overlaps, type Range, subtract, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import type { NextMap, NextMapEntry } from '../../kexec/architecture.js';
import { findArchitecture } from '../../kexec/architectures.js';
import { getSegmentRange } from '../../kexec/kimage.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { CrashRegion } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

const FRAME = {
  topic: 'memory',
  about: 'kexec',
  source: '/sys/firmware/memmap, /proc/iomem, boot_params; setup_e820_entries()',
} as const;

const CRASH_FRAME = {
  topic: 'crash-region',
  about: 'kdump',
  source: '/proc/iomem; crash_setup_memmap_entries()',
} as const;

const BY_SEGMENTS =
  'load by kexec_load (kexec -c), which hands over all of /sys/firmware/memmap, where lockdown allows it; or reboot through firmware';

const SHOWN_RANGES = 3;

/** Finds what RAM is missing in the memory map that a load hands to the next kernel. Not every architecture's load does. */
export function diagnoseNextMap(machine: Machine, _: IntendedLoad, next: NextKernel): Finding[] {
  const architecture = findArchitecture(machine);
  if (architecture.findNextMap === undefined) return [];
  const map = architecture.findNextMap(machine, 'default');
  const crashMap = machine.crashRegion === undefined ? undefined : architecture.findNextMap(machine, 'crash');
  return [
    ...(map === undefined ? [UNKNOWN] : diagnoseMap(map, machine, next)),
    ...(machine.crashRegion === undefined || crashMap === undefined
      ? []
      : diagnoseCrashMap(crashMap, machine.crashRegion)),
  ];
}

const UNKNOWN: Finding = {
  ...FRAME,
  severity: 'unknown',
  fact: 'the memory map that the next kernel gets is not known',
  why: 'RAM that is not in it is lost to the next kernel',
  cure: 'record the machine again: its kernel shows it in /sys/firmware/memmap (CONFIG_FIRMWARE_MEMMAP)',
};

function diagnoseMap(map: NextMap, machine: Machine, next: NextKernel): Finding[] {
  const { entries, dropped, mayHaveAdded } = map;
  const ram = listRam([...entries, ...dropped]);
  const lacking = subtract(machine.memory, ram);
  const findings = [
    ...(dropped.length > 0 ? [describeDropped(map)] : []),
    ...(lacking.length > 0 ? [describeLacking(lacking, next)] : []),
  ];
  if (findings.length > 0) return findings;
  if (mayHaveAdded && isBuiltIn(machine.kernel?.config, 'MEMORY_HOTPLUG') !== false) return [UNKNOWN_ADDED];
  return [
    {
      ...FRAME,
      severity: 'fine',
      fact: `the next kernel gets a memory map of ${entries.length} entries, with all RAM in it`,
      why: 'it finds its memory by this map, which the firmware made',
    },
  ];
}

const UNKNOWN_ADDED: Finding = {
  ...FRAME,
  severity: 'unknown',
  fact: 'whether RAM was added while the running kernel runs is not known: the map that it was booted with was not recorded',
  why: 'the next kernel does not get such RAM in its memory map, but segments may be placed there',
  cure: 'record the machine again, as root, with /sys/kernel/boot_params/data',
};

function describeDropped({ entries, dropped }: NextMap): Finding {
  const ram = listRam(dropped);
  return {
    ...FRAME,
    severity: 'warns',
    fact:
      `the memory map has ${entries.length + dropped.length} entries, and a load hands over the first ${entries.length}: ` +
      (ram.length === 0 ? 'reserved ranges are missing' : `${describeRanges(ram)} of RAM are missing`),
    why:
      ram.length === 0
        ? 'the next kernel may give the addresses of these ranges to devices'
        : 'the next kernel cannot use this RAM, and knows nothing of what is placed there',
    cure: BY_SEGMENTS,
  };
}

/** Segments are searched from the top, where added memory is. */
function describeLacking(lacking: readonly Range[], { load, about }: NextKernel): Finding {
  const inside =
    load === undefined || 'refusal' in load || about === 'kdump'
      ? []
      : load.kimage.segments.filter((segment) =>
          lacking.some((range) => overlaps(range, getSegmentRange(segment))),
        );
  const names = inside.map(({ name }) => name).join(', ');
  return {
    ...FRAME,
    severity: 'warns',
    fact: `${describeRanges(lacking)} of RAM are not in the memory map that the next kernel gets${
      names === '' ? '' : `, and ${names} would lie there`
    }`,
    why:
      'memory that was added while the running kernel runs, or by memmap=, is in no map of the firmware: the next kernel cannot use ' +
      'it, but the search for places, which begins at the top of RAM, may take it',
    cure: BY_SEGMENTS,
  };
}

/** The crash region comes last in the map. */
function diagnoseCrashMap({ entries, dropped }: NextMap, { high }: CrashRegion): Finding[] {
  if (dropped.length === 0) return [];
  const lost = listRam(dropped);
  const isRegionLost = lost.some((range) => overlaps(range, high));
  return [
    {
      ...CRASH_FRAME,
      severity: isRegionLost ? 'stops' : 'warns',
      fact:
        `the memory map of a crash kernel needs ${entries.length + dropped.length} entries, and has room for ${entries.length}: ` +
        `${lost.length === 0 ? 'reserved ranges' : describeRanges(lost)} are missing`,
      why: isRegionLost
        ? 'the crash region comes last: the crash kernel gets no RAM, and stops'
        : 'the crash kernel gets less RAM than is reserved for it, or may take reserved memory for free',
      cure: 'load the crash kernel by kexec_load (kexec -c -p), which hands over more entries, where lockdown allows it',
    },
  ];
}

function listRam(entries: readonly NextMapEntry[]): Range[] {
  return entries.filter(({ isRam }) => isRam).map(({ range }) => range);
}

function describeRanges(ranges: readonly Range[]): string {
  const shown = ranges.slice(0, SHOWN_RANGES).map(formatRange).join(', ');
  const more = ranges.length - SHOWN_RANGES;
  return `${formatParameterSize(totalSize(ranges))} (${shown}${more > 0 ? `, and ${more} more` : ''})`;
}
