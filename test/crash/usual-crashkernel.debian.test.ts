import { describe, expect, it } from 'vitest';
import { estimateCrashRegion } from '../../src/crash/estimate.js';
import { findUsualCrashkernel, recommendCrashRegion } from '../../src/crash/usual-crashkernel.js';
import { ARM64_CRASH_MEMORY } from '../../src/machine/arm64/arm64-crash-memory.js';
import { compileDts } from '../support/dts.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../support/machine.js';

const usualMib = (ram: bigint, pageSize: number, hasSmmu = false) => {
  const usual = findUsualCrashkernel(ARM64_CRASH_MEMORY.usualSizes, ram, pageSize, () => hasSmmu);
  return usual && usual.bytes / MIB;
};

const ofRam = (ram: bigint, facts: TestFacts = {}) =>
  buildMachine({ memory: [{ start: GIB, end: GIB + ram }], ...facts });

const recommend = (ram: bigint, facts: TestFacts = {}) => {
  const region = recommendCrashRegion(ofRam(ram, facts));
  return region && `${region.bytes / MIB}M by ${region.by}`;
};

describe("kdump-utils' default crashkernel sizes", () => {
  it('depend on RAM, pages of 64 KiB, and, with those, on an SMMU', () => {
    const sizes = [1n, 2n, 4n, 63n, 64n].map((ram) => usualMib(ram * GIB, 4096));
    expect(sizes).toEqual([undefined, 256n, 320n, 320n, 576n]);
    expect(usualMib(8n * GIB, 4096, true)).toBe(320n);
    expect(usualMib(8n * GIB, 65536)).toBe(420n);
    expect(usualMib(8n * GIB, 65536, true)).toBe(804n);
    // The smallest machines get no more.
    expect(usualMib(2n * GIB, 65536, true)).toBe(256n);
  });

  it('round RAM up to 128 MiB, because firmware keeps some', () => {
    expect(usualMib(2n * GIB - 100n * MIB, 4096)).toBe(256n);
    expect(usualMib(2n * GIB - 129n * MIB, 4096)).toBeUndefined();
    expect(usualMib(4n * GIB - 1n, 4096)).toBe(320n);
  });
});

describe('the recommended crash region', () => {
  it("is kdump-utils' default, or that of Debian's kdump-tools where there is none", () => {
    expect(recommend(4n * GIB)).toBe('320M by kdump-utils');
    expect(recommend(2n * GIB)).toBe('256M by kdump-utils');
    expect(recommend(GIB)).toBe('128M by kdump-tools');
    expect(recommend(384n * MIB)).toBe('128M by kdump-tools');
    expect(recommend(256n * MIB)).toBeUndefined();
  });

  it.each([
    ['soc { iommu@0 { compatible = "arm,smmu-v3"; }; };', 320n, 804n],
    ['iommu { compatible = "arm,smmu-v3"; status = "disabled"; };', 320n, 420n],
  ])('is the same as in an estimate: %s', (nodes, small, large) => {
    const arm64 = { deviceTree: compileDts(`/dts-v1/; / { ${nodes} };`) };
    for (const [pageSize, mib] of [
      [4096, small],
      [65536, large],
    ] as const) {
      const machine = ofRam(8n * GIB, { pageSize, arm64 });
      expect(recommendCrashRegion(machine)?.bytes).toBe(mib * MIB);
      expect(estimateCrashRegion({ kernel: MIB, pageSize }, machine).usual?.bytes).toBe(mib * MIB);
    }
  });
});
