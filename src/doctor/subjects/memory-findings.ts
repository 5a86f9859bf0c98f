import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { findFreeRanges, type MemorySource } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

/** Finds how exact the memory map is, how much memory is free, and whether the device tree is usable. */
export function diagnoseMemory(machine: Machine): Finding[] {
  return [diagnoseSource(machine), diagnoseFree(machine), ...diagnoseDeviceTree(machine)];
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

/** Under ACPI, the EFI stub creates a tree that only has the EFI tables in /chosen, which lead to the ACPI tables. */
function diagnoseDeviceTree(machine: Machine): Finding[] {
  const tree = findMachineArchitecture(machine).readBootTree(machine);
  if (tree === undefined) return [];
  const { root } = tree;
  if (root.children.some(({ name }) => !/^(chosen|hypervisor)$/.test(name))) return [];
  const chosen = findNode(root, '/chosen');
  const finding = {
    topic: 'device-tree',
    about: 'both',
    source: '/sys/firmware/fdt; efi_init(), Documentation/arch/arm/uefi.rst',
  } as const;
  if (chosen !== undefined && getProperty(chosen, 'linux,uefi-system-table') !== undefined) {
    return [
      {
        ...finding,
        severity: 'fine',
        fact: 'the device tree has nothing but /chosen: this is a machine with ACPI',
        why: 'the next kernel finds memory and ACPI through linux,uefi-system-table and linux,uefi-mmap-*, which a load passes on',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'the device tree has no devices, and no linux,uefi-system-table either',
      why: 'the next kernel finds neither memory nor devices, and stops before it prints anything',
      cure: 'record the machine again with its /sys/firmware/fdt, or give the device tree of the board (load --dtb)',
    },
  ];
}
