import { describe, expect, it } from 'vitest';
import { recommendedCrashRegion } from '../../src/doctor/subjects/crash-region-findings.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildCrashMachine, CRASH_REGION } from '../support/crash.js';
import { factsOn, findingsOn } from '../support/doctor.js';
import { compileDts } from '../support/dts.js';
import { buildImage } from '../support/image.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../support/machine.js';

const ofGib = (count: bigint, facts: TestFacts = {}) =>
  buildMachine({ memory: [{ start: GIB, end: GIB + count * GIB }], ...facts });

describe('the crash region', () => {
  it('is missing where nobody asked for it', () => {
    const [finding, ...others] = findingsOn('crash-region', ofGib(8n, { commandLine: 'root=/dev/vda1' }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'stops',
      about: 'kdump',
      fact: 'no memory is reserved for a crash kernel: the command line has no crashkernel=',
      cure: expect.stringContaining('add crashkernel=320M to the running kernel'),
    });
  });

  it('is missing where the kernel found no memory', () => {
    const [finding] = findingsOn('crash-region', ofGib(1n, { commandLine: 'crashkernel=2G quiet' }));
    expect(finding).toMatchObject({
      severity: 'stops',
      fact: 'crashkernel=2G is on the command line, but no memory is reserved for a crash kernel',
      cure: expect.stringContaining('try crashkernel=256M or less'),
    });
  });

  it.each<[string, TestFacts]>([
    ['the command line', {}],
    ['what came of it', { commandLine: 'crashkernel=256M', memorySource: 'device-tree' }],
    [
      'what came of it, for one who may not read iomem',
      { commandLine: 'crashkernel=256M', unknown: [{ fact: 'iomem', reason: 'denied' }] },
    ],
  ])('may not be known for want of %s', (_, facts) => {
    expect(factsOn('crash-region', ofGib(1n, facts))).toEqual([
      'unknown kdump: whether memory is reserved for a crash kernel is not known',
    ]);
  });

  it('is as large as kdump-utils makes it, or too small perhaps', () => {
    expect(factsOn('crash-region', buildCrashMachine())).toEqual([
      'fine kdump: 256M are reserved for a crash kernel, at 0x60000000..0x70000000',
    ]);
    const small = { high: { start: 2n * GIB, end: 2n * GIB + 128n * MIB } };
    expect(factsOn('crash-region', ofGib(8n, { crashRegion: small }))[0]).toMatch(
      /^warns kdump: 128M are reserved .*; kdump-utils would reserve 320M$/,
    );
  });

  it('may be out of reach of devices', () => {
    const high = { start: 5n * GIB, end: 6n * GIB };
    expect(factsOn('crash-region', ofGib(8n, { crashRegion: { high } }))[0]).toBe(
      'warns kdump: all memory for the crash kernel is above 4 GiB: 0x140000000..0x180000000',
    );
    const low = { start: GIB, end: GIB + 128n * MIB };
    expect(factsOn('crash-region', ofGib(8n, { crashRegion: { high, low } }))[0]).toMatch(/^fine/);
  });

  it('may hold the crash kernel, but not what it unpacks', () => {
    const subject = { kernel: buildImage(), initrd: new Uint8Array(60 * 2 ** 20), panic: true };
    expect(factsOn('crash-region', buildCrashMachine(), subject)[0]).toMatch(
      /^warns kdump: the kernel takes 2M, the initrd 60M, and about as much as 306M/,
    );
    expect(factsOn('crash-region', buildCrashMachine(), { ...subject, panic: false })[0]).toMatch(/^fine/);
    expect(
      factsOn('crash-region', buildCrashMachine(), { kernel: new Uint8Array(9), panic: true }),
    ).toHaveLength(1);
  });

  it("follows kdump-utils' table", () => {
    const smmu = compileDts('/dts-v1/; / { soc { iommu@0 { compatible = "arm,smmu-v3"; }; }; };');
    const off = compileDts('/dts-v1/; / { iommu { compatible = "arm,smmu-v3"; status = "disabled"; }; };');
    const mib = (machine: Machine) => recommendedCrashRegion(machine) / MIB;
    expect([1n, 3n, 4n, 63n, 64n].map((gib) => mib(ofGib(gib)))).toEqual([256n, 256n, 320n, 320n, 576n]);
    expect(mib(ofGib(8n, { pageSize: 65536 }))).toBe(420n);
    expect(mib(ofGib(8n, { arm64: { deviceTree: smmu } }))).toBe(320n);
    expect(mib(ofGib(8n, { pageSize: 65536, arm64: { deviceTree: smmu } }))).toBe(804n);
    expect(mib(ofGib(8n, { pageSize: 65536, arm64: { deviceTree: off } }))).toBe(420n);
  });
});

describe('what a dump is described with', () => {
  it('is known', () => {
    expect(factsOn('crash-facts', buildCrashMachine())).toEqual([
      'fine kdump: it is known where 2 CPUs note what they did, and where the kernel lies',
    ]);
  });

  it('stops a crash kernel on the machine itself, unless the kernel can do without', () => {
    const machine = buildMachine({ unknown: [{ fact: 'vmcoreinfo', reason: 'denied' }] });
    const fact = 'where CPUs note what they did, or where the kernel lies, is not known; vmcoreinfo: denied';
    expect(factsOn('crash-facts', machine)).toEqual([`unknown kdump: ${fact}`]);
    expect(factsOn('crash-facts', machine, { live: {} })).toEqual([`stops kdump: ${fact}`]);
    expect(factsOn('crash-facts', machine, { live: { hasKexecFileLoad: true } })).toEqual([
      `fine kdump: ${fact}`,
    ]);
  });

  it.each<[string, TestFacts]>([
    ['CONFIG_PROC_KCORE=y', { kernel: { config: { KEXEC: 'y' } } }],
    ['lockdown=confidentiality', { lockdown: 'confidentiality' }],
    ['read it as root', {}],
  ])('is cured: %s', (cure, facts) => {
    const [finding] = findingsOn('crash-facts', buildMachine(facts), { live: {} });
    expect(finding?.cure).toContain(cure);
  });

  it('may be too wide for makedumpfile', () => {
    const warned = (size: string, facts: TestFacts = {}) =>
      factsOn(
        'crash-facts',
        buildCrashMachine({ kernel: { vmcoreinfo: { 'NUMBER(TCR_EL1_T1SZ)': size } }, ...facts }),
      ).filter((fact) => fact.startsWith('warns'));
    expect(warned('0xc')).toEqual([
      'warns kdump: the running kernel has virtual addresses of 52 bits with pages of 4K',
    ]);
    expect(warned('0x10')).toEqual([]);
    expect(warned('0xc', { pageSize: 65536 })).toEqual([]);
  });
});

describe('what is loaded', () => {
  it('is told', () => {
    const on = (loaded: boolean, crashLoaded: boolean) =>
      factsOn('status', buildCrashMachine(), { live: { loaded, crashLoaded } });
    expect(on(true, true)).toEqual([
      'fine kexec: a kernel is loaded',
      'fine kdump: a crash kernel is loaded',
    ]);
    expect(on(false, false)).toEqual([
      'warns kdump: memory is reserved for a crash kernel, but none is loaded',
    ]);
    expect(factsOn('status', buildMachine(), { live: { loaded: false, crashLoaded: false } })).toEqual([]);
  });
});

describe('loading a crash kernel', () => {
  it('is tried', () => {
    const subject = { kernel: buildImage(), panic: true };
    const [finding] = findingsOn('load', buildCrashMachine(), subject);
    expect(finding).toMatchObject({
      severity: 'fine',
      about: 'kdump',
      fact: expect.stringMatching(/^the crash kernel can be loaded: kernel at 0x60000000, /),
    });
    const initrd = new Uint8Array(2 ** 28);
    const [refused] = findingsOn('load', buildCrashMachine(), { ...subject, initrd });
    expect(refused).toMatchObject({
      severity: 'stops',
      about: 'kdump',
      fact: expect.stringContaining('EADDRNOTAVAIL (segment-hole): no hole for initrd'),
      cure: expect.stringContaining('crashkernel='),
    });
  });

  it('is not refused once more for what has a finding of its own', () => {
    expect(factsOn('load', buildMachine(), { kernel: buildImage(), panic: true })).toEqual([]);
    const machine = buildMachine({ reserved: [CRASH_REGION], crashRegion: { high: CRASH_REGION } });
    expect(factsOn('load', machine, { kernel: buildImage(), panic: true })).toEqual([]);
  });
});
