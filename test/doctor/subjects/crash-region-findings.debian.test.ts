import { describe, expect, it } from 'vitest';
import { recommendCrashRegion } from '../../../src/doctor/subjects/crash-region-findings.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { compileDts } from '../../support/dts.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../../support/machine.js';

const ofGib = (count: bigint, facts: TestFacts = {}) =>
  buildMachine({ memory: [{ start: GIB, end: GIB + count * GIB }], ...facts });

describe('the crash region', () => {
  it("has the sizes of kdump-utils' table", () => {
    const smmu = compileDts('/dts-v1/; / { soc { iommu@0 { compatible = "arm,smmu-v3"; }; }; };');
    const off = compileDts('/dts-v1/; / { iommu { compatible = "arm,smmu-v3"; status = "disabled"; }; };');
    const mib = (machine: Machine) => recommendCrashRegion(machine) / MIB;
    expect([1n, 3n, 4n, 63n, 64n].map((gib) => mib(ofGib(gib)))).toEqual([256n, 256n, 320n, 320n, 576n]);
    expect(mib(ofGib(8n, { pageSize: 65536 }))).toBe(420n);
    expect(mib(ofGib(8n, { arm64: { deviceTree: smmu } }))).toBe(320n);
    expect(mib(ofGib(8n, { pageSize: 65536, arm64: { deviceTree: smmu } }))).toBe(804n);
    expect(mib(ofGib(8n, { pageSize: 65536, arm64: { deviceTree: off } }))).toBe(420n);
  });
});
