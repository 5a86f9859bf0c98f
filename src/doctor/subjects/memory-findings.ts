import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import { readDeviceTree } from '../../machine/arm64/read-device-tree.js';
import { freeRanges, type MemorySource } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

/** How much the memory map is worth, and what of it is free. */
export function diagnoseMemory(machine: Machine): Finding[] {
  return [diagnoseSource(machine), diagnoseFree(machine), ...diagnoseDeviceTree(machine)];
}

const SOURCES: Readonly<Record<MemorySource, Omit<Finding, 'topic' | 'about' | 'source'>>> = {
  memblock: {
    severity: 'fine',
    fact: "the memory map is memblock's own",
    why: 'it is what the kernel itself places by: plans have its addresses',
  },
  iomem: {
    severity: 'fine',
    fact: 'the memory map comes from /proc/iomem',
    why: 'it tells of all that is taken, in whole pages; a plan may differ from the kernel by a page here and there',
  },
  'device-tree': {
    severity: 'warns',
    fact: 'the memory map comes from the device tree',
    why: 'the running kernel and firmware have taken memory since: kexec_load could overwrite what must stay',
    cure: 'read it as root: /proc/iomem; or memblock, with debugfs mounted (mount -t debugfs none /sys/kernel/debug)',
  },
};

function diagnoseSource(machine: Machine): Finding {
  const source = 'memblock in debugfs, /proc/iomem, /memory; kexec_locate_mem_hole()';
  return { topic: 'memory', about: 'both', source, ...SOURCES[machine.memorySource] };
}

function diagnoseFree(machine: Machine): Finding {
  const free = freeRanges(machine);
  const largest = free.reduce(
    (one, two) => (size(two) > size(one) ? two : one),
    free[0] ?? { start: 0n, end: 0n },
  );
  const finding = {
    topic: 'memory',
    about: 'kexec',
    source: 'the memory map; kexec_locate_mem_hole()',
  } as const;
  if (free.length === 0) {
    return {
      ...finding,
      severity: 'stops',
      fact: 'no memory is free',
      why: 'a kernel finds no place: EADDRNOTAVAIL',
      cure: 'reserve less: crashkernel=, cma=, hugepages=, reserved-memory in the device tree',
    };
  }
  return {
    ...finding,
    severity: 'fine',
    fact: `${formatParameterSize(totalSize(free))} of ${formatParameterSize(totalSize(machine.memory))} are free, the largest piece ${formatRange(largest)}`,
    why: 'kernel, initrd and device tree go there, each in one piece, all in all at most half of it',
  };
}

/** Under ACPI, the stub made a tree that tells of EFI alone; that is what leads the next kernel to the tables. */
function diagnoseDeviceTree(machine: Machine): Finding[] {
  const { root } = readDeviceTree(machine);
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
        why: 'the next kernel finds memory and ACPI through linux,uefi-system-table and linux,uefi-mmap-*, which it is handed',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: 'stops',
      fact: 'the device tree has no devices, and no linux,uefi-system-table either',
      why: 'the next kernel is told neither of memory nor of devices, and dies before it prints',
      cure: 'record the machine again with its /sys/firmware/fdt, or give the device tree of the board (load --dtb)',
    },
  ];
}
