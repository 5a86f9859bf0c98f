import { describe, expect, it } from 'vitest';
import { estimateCrashRegion } from '../../src/crash/estimate.js';
import { findUsualCrashkernel } from '../../src/crash/usual-crashkernel.js';
import { recommendCrashRegion } from '../../src/doctor/subjects/crash-region-findings.js';
import { compileDts } from '../support/dts.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';

const usualMib = (gibibytes: bigint, pageSize: number, hasSmmu = false) => {
  const usual = findUsualCrashkernel(gibibytes * GIB, pageSize, () => hasSmmu);
  return usual && usual.bytes / MIB;
};

describe("kdump-utils' default crashkernel sizes", () => {
  it('depend on RAM, pages of 64 KiB, and, with those, on an SMMU', () => {
    expect([1n, 2n, 4n, 63n, 64n].map((ram) => usualMib(ram, 4096))).toEqual([
      undefined,
      256n,
      320n,
      320n,
      576n,
    ]);
    expect(usualMib(8n, 4096, true)).toBe(320n);
    expect(usualMib(8n, 65536)).toBe(420n);
    expect(usualMib(8n, 65536, true)).toBe(804n);
  });

  it.each([4096, 65536] as const)(
    'are the same in doctor and in the estimate: pages of %i bytes',
    (pageSize) => {
      const smmu = '/dts-v1/; / { soc { iommu@0 { compatible = "arm,smmu-v3"; }; }; };';
      const machine = buildMachine({
        memory: [{ start: GIB, end: 9n * GIB }],
        pageSize,
        arm64: { deviceTree: compileDts(smmu) },
      });
      expect(estimateCrashRegion({ kernel: MIB, pageSize }, machine).usual?.bytes).toBe(
        recommendCrashRegion(machine),
      );
    },
  );
});
