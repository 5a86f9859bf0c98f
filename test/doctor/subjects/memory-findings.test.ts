import { describe, expect, it } from 'vitest';
import { factsOn, findingsOn } from '../../support/doctor.js';
import { compileDts } from '../../support/dts.js';
import { buildMachine, GIB } from '../../support/machine.js';

describe('the memory map', () => {
  it.each([
    ['memblock', "fine both: the memory map is memblock's own"],
    ['iomem', 'fine both: the memory map comes from /proc/iomem'],
    ['device-tree', 'warns both: the memory map comes from the device tree'],
  ] as const)('from %s', (memorySource, expected) => {
    expect(factsOn('memory', buildMachine({ memorySource }))).toContain(expected);
  });

  it('has free memory, or none', () => {
    const reserved = [{ start: GIB, end: GIB + GIB / 2n }];
    expect(factsOn('memory', buildMachine({ reserved }))).toContain(
      'fine kexec: 512M of 1G are free, the largest piece 0x60000000..0x80000000',
    );
    const full = buildMachine({ reserved: [{ start: GIB, end: 2n * GIB }] });
    expect(factsOn('memory', full)[0]).toBe('stops kexec: no memory is free');
  });
});

describe('the device tree', () => {
  const chosen = (properties: string) => compileDts(`/dts-v1/; / { chosen { ${properties} }; };`);

  it('has no finding if it has devices', () => {
    const deviceTree = compileDts('/dts-v1/; / { chosen { }; memory { device_type = "memory"; }; };');
    expect(factsOn('device-tree', buildMachine({ arm64: { deviceTree } }))).toEqual([]);
  });

  it('without devices must lead to ACPI', () => {
    const acpi = chosen('linux,uefi-system-table = <0 0x1000>;');
    expect(factsOn('device-tree', buildMachine({ arm64: { deviceTree: acpi } }))[0]).toMatch(
      /^fine both: .* ACPI$/,
    );
    const [finding] = findingsOn('device-tree', buildMachine({ arm64: { deviceTree: chosen('') } }));
    expect(finding).toMatchObject({ severity: 'stops', cure: expect.stringContaining('--dtb') });
  });
});
