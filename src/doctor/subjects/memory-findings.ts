import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import type { SearchedMap } from '../../kexec/architecture.js';
import { findArchitecture } from '../../kexec/architectures.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

/** Finds how exact the memory map is, and how much memory a kernel may be placed in. */
export function diagnoseMemory(machine: Machine): Finding[] {
  const searched = findArchitecture(machine).findSearchedMap(machine);
  return [diagnoseSource(machine, searched), diagnoseFree(machine, searched)];
}

type Judgement = Pick<Finding, 'severity' | 'fact' | 'why' | 'cure'>;

const OF_MEMBLOCK: Judgement = {
  severity: 'fine',
  fact: "the memory map is memblock's own",
  why: 'the kernel places segments by this map: a plan has the same addresses',
};

const OF_IOMEM: Judgement = {
  severity: 'fine',
  fact: 'the memory map comes from /proc/iomem',
  why: 'it has all reserved memory, in whole pages; addresses in a plan can differ from those of the kernel by a page',
};

const OF_DEVICE_TREE: Judgement = {
  severity: 'warns',
  fact: 'the memory map comes from the device tree',
  why: 'it lacks what firmware and the running kernel reserve: kexec_load could overwrite reserved memory',
  cure: 'read /proc/iomem as root, or memblock, with debugfs mounted (mount -t debugfs none /sys/kernel/debug)',
};

function diagnoseSource(machine: Machine, searched: SearchedMap): Finding {
  const others = hasTree(machine) ? ', /memory' : '';
  const source = `memblock in debugfs, /proc/iomem${others}; kexec_locate_mem_hole()`;
  return { topic: 'memory', about: 'both', source, ...judgeSource(machine, searched) };
}

function judgeSource({ memorySource }: Machine, { name, isExact, undecidedBy }: SearchedMap): Judgement {
  if (name === 'memblock' && isExact) return OF_MEMBLOCK;
  if (memorySource === 'device-tree') return OF_DEVICE_TREE;
  if (name === 'memblock') return OF_IOMEM;
  const doubt =
    undecidedBy === undefined
      ? ''
      : `; not if the kernel has CONFIG_${undecidedBy}, but its configuration is not known`;
  return {
    ...OF_IOMEM,
    why: `the kernel searches the same resources for places: a plan has the same addresses${doubt}`,
  };
}

function diagnoseFree(machine: Machine, searched: SearchedMap): Finding {
  const places = findArchitecture(machine).findDestinations(machine);
  const finding = {
    topic: 'memory',
    about: 'kexec',
    source: 'the memory map; kexec_locate_mem_hole()',
  } as const;
  const [first, ...others] = places;
  if (first === undefined) {
    return {
      ...finding,
      severity: 'stops',
      fact: 'no memory is free',
      why: 'there is no place for a kernel: the load fails with EADDRNOTAVAIL',
      cure: `reserve less: crashkernel=, cma=, hugepages=${hasTree(machine) ? ', reserved-memory in the device tree' : ''}`,
    };
  }
  const largest = others.reduce((a, b) => (size(b) > size(a) ? b : a), first);
  const parts = hasTree(machine)
    ? 'kernel, initrd and device tree each need one piece, and together at most half of the RAM'
    : 'purgatory, boot parameters, kernel and initrd each need one piece, and together at most half of the RAM';
  const sum = `${formatParameterSize(totalSize(places))} of ${formatParameterSize(totalSize(machine.memory))}`;
  const piece = `the largest piece ${formatRange(largest)}`;
  if (searched.name === 'iomem') {
    return {
      ...finding,
      severity: 'fine',
      fact: `a kernel may be placed in ${sum}, ${piece}`,
      why: `segments may lie over the running kernel and the crash region, because they are copied there last; ${parts}`,
    };
  }
  return { ...finding, severity: 'fine', fact: `${sum} are free, ${piece}`, why: parts };
}

function hasTree(machine: Machine): boolean {
  return findMachineArchitecture(machine).bootsWithTree;
}
