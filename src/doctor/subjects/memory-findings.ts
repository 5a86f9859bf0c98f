import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { findFreeRanges, type MemorySource } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

/** Finds how exact the memory map is, and how much memory is free. */
export function diagnoseMemory(machine: Machine): Finding[] {
  return [diagnoseSource(machine), diagnoseFree(machine)];
}

const SOURCES: Readonly<Record<MemorySource, Omit<Finding, 'topic' | 'about' | 'source'>>> = {
  memblock: {
    severity: 'fine',
    fact: "the memory map is memblock's own",
    why: 'the kernel places segments by this map: a plan has the same addresses',
  },
  iomem: {
    severity: 'fine',
    fact: 'the memory map comes from /proc/iomem',
    why: 'it has all reserved memory, in whole pages; addresses in a plan can differ from those of the kernel by a page',
  },
  'device-tree': {
    severity: 'warns',
    fact: 'the memory map comes from the device tree',
    why: 'it lacks what firmware and the running kernel reserve: kexec_load could overwrite reserved memory',
    cure: 'read /proc/iomem as root, or memblock, with debugfs mounted (mount -t debugfs none /sys/kernel/debug)',
  },
};

function diagnoseSource(machine: Machine): Finding {
  const source = 'memblock in debugfs, /proc/iomem, /memory; kexec_locate_mem_hole()';
  return { topic: 'memory', about: 'both', source, ...SOURCES[machine.memorySource] };
}

function diagnoseFree(machine: Machine): Finding {
  const free = findFreeRanges(machine);
  const finding = {
    topic: 'memory',
    about: 'kexec',
    source: 'the memory map; kexec_locate_mem_hole()',
  } as const;
  const [first, ...others] = free;
  if (first === undefined) {
    return {
      ...finding,
      severity: 'stops',
      fact: 'no memory is free',
      why: 'there is no place for a kernel: the load fails with EADDRNOTAVAIL',
      cure: 'reserve less: crashkernel=, cma=, hugepages=, reserved-memory in the device tree',
    };
  }
  const largest = others.reduce((a, b) => (size(b) > size(a) ? b : a), first);
  return {
    ...finding,
    severity: 'fine',
    fact: `${formatParameterSize(totalSize(free))} of ${formatParameterSize(totalSize(machine.memory))} are free, the largest piece ${formatRange(largest)}`,
    why: 'kernel, initrd and device tree each need one piece, and together at most half of the RAM',
  };
}
