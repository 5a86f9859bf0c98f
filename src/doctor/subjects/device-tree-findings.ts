import { findNode, getProperty } from '../../formats/fdt/edit.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { findUefiFault } from '../../kexec/next-boot/uefi-fault.js';
import { readNextTree } from '../../kexec/next-tree.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import type { Machine } from '../../machine/machine-value.js';
import {
  SECURE_BOOT_PROPERTY,
  SYSTEM_TABLE_PROPERTY,
  UEFI_PROPERTIES,
} from '../../machine/uefi-properties.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

const FRAME = {
  topic: 'device-tree',
  about: 'both',
  source: '/sys/firmware/fdt; efi_get_fdt_params(), Documentation/arch/arm/uefi.rst',
} as const;

/** Finds whether the next kernel finds memory, devices and UEFI's tables by its device tree. */
export function diagnoseDeviceTree(machine: Machine, { kernel }: IntendedLoad, next: NextKernel): Finding[] {
  const running = findMachineArchitecture(machine).readBootTree(machine);
  if (running === undefined) return [];
  const faults = kernel === undefined ? diagnoseProperties(running) : diagnoseNextTree(kernel, machine, next);
  return faults.length > 0 ? faults : diagnoseDevices(running);
}

/** What the kernel in question lacks in the tree that it gets. */
function diagnoseNextTree(kernel: Uint8Array, machine: Machine, { load, about }: NextKernel): Finding[] {
  const tree = load !== undefined && 'kimage' in load ? readNextTree(load.kimage) : undefined;
  const fault = tree && findUefiFault(tree, kernel, machine);
  if (fault === undefined) return [];
  const { seen, outcome, isFatal, cure } = fault;
  return [{ ...FRAME, about, severity: isFatal ? 'stops' : 'warns', fact: seen, why: outcome, cure }];
}

/** What a load passes on to any kernel. */
function diagnoseProperties({ root }: Fdt): Finding[] {
  const chosen = findNode(root, '/chosen');
  const missing = UEFI_PROPERTIES.filter((name) => chosen && getProperty(chosen, name) === undefined);
  if (chosen === undefined || missing.length === 0 || missing.length === UEFI_PROPERTIES.length) return [];
  const finding = { ...FRAME, fact: `/chosen of the device tree has no ${missing.join(', ')}` };
  if (missing.some((name) => name !== SECURE_BOOT_PROPERTY)) {
    return [
      {
        ...finding,
        severity: 'stops',
        why: "the next kernel ignores UEFI's memory map and ACPI, and may find no memory",
        cure: 'boot the running kernel by its EFI stub, which writes them',
      },
    ];
  }
  return [
    {
      ...finding,
      severity: 'warns',
      why: 'kernels of Debian, Ubuntu and Fedora ask for it: without it, they find neither memory nor ACPI; the mainline kernel does not',
      cure: 'name the next kernel (kexec-file doctor KERNEL): doctor then says whether it asks for it, and what to do',
    },
  ];
}

/** Under ACPI, the EFI stub creates a tree that only has the EFI tables in /chosen, which lead to the ACPI tables. */
function diagnoseDevices({ root }: Fdt): Finding[] {
  if (root.children.some(({ name }) => !/^(chosen|hypervisor)$/.test(name))) return [];
  const chosen = findNode(root, '/chosen');
  if (chosen !== undefined && getProperty(chosen, SYSTEM_TABLE_PROPERTY) !== undefined) {
    return [
      {
        ...FRAME,
        severity: 'fine',
        fact: 'the device tree has nothing but /chosen: this is a machine with ACPI',
        why: 'the next kernel finds memory and ACPI through linux,uefi-system-table and linux,uefi-mmap-*, which a load passes on',
      },
    ];
  }
  return [
    {
      ...FRAME,
      severity: 'stops',
      fact: 'the device tree has no devices, and no linux,uefi-system-table either',
      why: 'the next kernel finds neither memory nor devices, and stops before it prints anything',
      cure: 'record the machine again with its /sys/firmware/fdt, or give the device tree of the board (load --dtb)',
    },
  ];
}
