import { describe, expect, it } from 'vitest';
import { buildCrashMachine } from '../../support/crash.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildImage } from '../../support/image.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../../support/machine.js';

const ofGib = (count: bigint, facts: TestFacts = {}) =>
  buildMachine({ memory: [{ start: GIB, end: GIB + count * GIB }], ...facts });

describe('the crash region', () => {
  it('reports a missing crash region without crashkernel=', () => {
    const [finding, ...others] = listFindings('crash-region', ofGib(8n, { commandLine: 'root=/dev/vda1' }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'stops',
      about: 'kdump',
      fact: 'no memory is reserved for a crash kernel: the command line has no crashkernel=',
      cure: expect.stringContaining('add crashkernel=320M to the running kernel'),
    });
  });

  it('reports a missing crash region where the kernel found no memory for crashkernel=', () => {
    const [finding] = listFindings('crash-region', ofGib(1n, { commandLine: 'crashkernel=2G quiet' }));
    expect(finding).toMatchObject({
      severity: 'stops',
      fact: expect.stringMatching(
        /^crashkernel=2G is on the command line, but no memory is reserved for a crash kernel: .* 1 GiB of RAM/,
      ),
      cure: expect.stringMatching(/^replace crashkernel=2G by crashkernel=128M on /),
    });
  });

  it.each<[string, TestFacts]>([
    ['the command line', {}],
    ['/proc/iomem', { commandLine: 'crashkernel=256M', memorySource: 'device-tree' }],
    [
      'a readable /proc/iomem',
      { commandLine: 'crashkernel=256M', unknown: [{ fact: 'iomem', reason: 'denied' }] },
    ],
  ])('reports an unknown crash region without %s', (_, facts) => {
    expect(listFacts('crash-region', ofGib(1n, facts))).toEqual([
      expect.stringMatching(
        /^unknown kdump: whether memory is reserved for a crash kernel is not known: .* was not recorded/,
      ),
    ]);
  });

  it('compares the size with the default of kdump-utils', () => {
    expect(listFacts('crash-region', buildCrashMachine())).toEqual([
      'fine kdump: 256M are reserved for a crash kernel, at 0x60000000..0x70000000',
    ]);
    const small = { high: { start: 2n * GIB, end: 2n * GIB + 128n * MIB } };
    expect(listFacts('crash-region', ofGib(8n, { crashRegion: small }))[0]).toMatch(
      /^warns kdump: 128M are reserved .*; kdump-utils would reserve 320M$/,
    );
  });

  it('counts the CMA that a crash kernel gets', () => {
    const cma = { start: 2n * GIB, end: 2n * GIB + 256n * MIB };
    const crashRegion = { high: { start: 3n * GIB, end: 3n * GIB + 128n * MIB } };
    const facts = { crashRegion, kernel: { release: '7.3.4' } };
    const commandLine = 'crashkernel=128M crashkernel=256M,cma';
    expect(listFacts('crash-region', ofGib(8n, { ...facts, commandLine, crashCma: [cma] }))).toEqual([
      'fine kdump: 128M are reserved for a crash kernel, at 0xc0000000..0xc8000000',
      'fine kdump: 256M of CMA are reserved for a crash kernel, too, at 0x80000000..0x90000000',
    ]);
    const [, missing] = listFindings('crash-region', ofGib(8n, { ...facts, commandLine }));
    expect(missing).toMatchObject({
      severity: 'unknown',
      fact: expect.stringMatching(/^crashkernel=256M,cma is on the command line, but no CMA range/),
    });
    const older = { ...facts, commandLine, kernel: { release: '6.17.0' } };
    const [, unused, ...others] = listFindings('crash-region', ofGib(8n, older));
    expect(unused).toMatchObject({
      severity: 'warns',
      fact: 'the kernel reserves nothing for crashkernel=256M,cma: Linux 7.3 and later do',
    });
    expect(others).toEqual([]);
  });

  it('warns of a region that 32-bit devices cannot reach', () => {
    const high = { start: 5n * GIB, end: 6n * GIB };
    expect(listFacts('crash-region', ofGib(8n, { crashRegion: { high } }))[0]).toBe(
      'warns kdump: all memory for the crash kernel is above 4 GiB: 0x140000000..0x180000000',
    );
    const low = { start: GIB, end: GIB + 128n * MIB };
    expect(listFacts('crash-region', ofGib(8n, { crashRegion: { high, low } }))[0]).toMatch(/^fine/);
  });

  it('warns of a region that is too small for the unpacked initrd', () => {
    const subject = { kernel: buildImage(), initrd: new Uint8Array(60 * 2 ** 20), panic: true };
    expect(listFacts('crash-region', buildCrashMachine(), subject)[0]).toMatch(
      /^warns kdump: the kernel takes 2M, the initrd 60M; when they run, they need about 3\d\dM, but only 256M /,
    );
    expect(listFacts('crash-region', buildCrashMachine(), { ...subject, panic: false })[0]).toMatch(/^fine/);
    expect(
      listFacts('crash-region', buildCrashMachine(), { kernel: new Uint8Array(9), panic: true }),
    ).toHaveLength(1);
  });
});
