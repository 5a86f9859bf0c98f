import { describe, expect, it } from 'vitest';
import { listFacts, listFindings } from '../../support/doctor.js';
import { compileDts } from '../../support/dts.js';
import { buildMachine } from '../../support/machine.js';

describe('the device tree', () => {
  const chosen = (properties: string) => compileDts(`/dts-v1/; / { chosen { ${properties} }; };`);

  it('has no finding if it has devices', () => {
    const deviceTree = compileDts('/dts-v1/; / { chosen { }; memory { device_type = "memory"; }; };');
    expect(listFacts('device-tree', buildMachine({ arm64: { deviceTree } }))).toEqual([]);
  });

  it('without devices must lead to ACPI', () => {
    const acpi = chosen('linux,uefi-system-table = <0 0x1000>;');
    expect(listFacts('device-tree', buildMachine({ arm64: { deviceTree: acpi } }))[0]).toMatch(
      /^fine both: .* ACPI$/,
    );
    const [finding] = listFindings('device-tree', buildMachine({ arm64: { deviceTree: chosen('') } }));
    expect(finding).toMatchObject({ severity: 'stops', cure: expect.stringContaining('--dtb') });
  });
});
