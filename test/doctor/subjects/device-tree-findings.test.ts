import { describe, expect, it } from 'vitest';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { SECURE_BOOT_PROPERTY, UEFI_PROPERTIES } from '../../../src/machine/uefi-properties.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';
import { buildUefiTree, MAINLINE_KERNEL, PATCHED_KERNEL } from '../../support/uefi.js';

const machineOf = (...options: Parameters<typeof buildUefiTree>) =>
  buildMachine({ arm64: { deviceTree: writeFdt(buildUefiTree(...options)) } });

const ALONE = 'fine both: the device tree has nothing but /chosen: this is a machine with ACPI';

describe('the device tree', () => {
  it('of a machine with ACPI leads to UEFI', () => {
    expect(listFacts('device-tree', machineOf())).toEqual([ALONE]);
    expect(listFacts('device-tree', machineOf({ hasMemory: true }))).toEqual([]);
  });

  it('without devices and UEFI stops any kernel', () => {
    expect(listFacts('device-tree', machineOf({ lacks: [...UEFI_PROPERTIES] }))).toEqual([
      'stops both: the device tree has no devices, and no linux,uefi-system-table either',
    ]);
  });

  it('without linux,uefi-secure-boot warns, unless the next kernel is known', () => {
    const machine = machineOf({ lacks: [SECURE_BOOT_PROPERTY] });
    expect(listFacts('device-tree', machine)).toEqual([
      'warns both: /chosen of the device tree has no linux,uefi-secure-boot',
    ]);
    const [patched] = listFindings('device-tree', machine, { kernel: PATCHED_KERNEL });
    expect(patched).toMatchObject({
      severity: 'stops',
      about: 'kexec',
      cure: expect.stringContaining('fdtput'),
    });
    expect(listFacts('device-tree', machine, { kernel: MAINLINE_KERNEL })).toEqual([ALONE]);
  });

  it('without the memory map stops any kernel', () => {
    const machine = machineOf({ lacks: ['linux,uefi-mmap-start', 'linux,uefi-mmap-size'] });
    expect(listFacts('device-tree', machine)).toEqual([
      'stops both: /chosen of the device tree has no linux,uefi-mmap-start, linux,uefi-mmap-size',
    ]);
  });
});
