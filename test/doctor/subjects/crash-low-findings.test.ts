import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../src/base/range.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { GIB } from '../../support/machine.js';
import { buildX86Machine, MIB, SEABIOS_MEMORY } from '../../support/x86-pc.js';

const high = rangeOf(5n * GIB, 512n * MIB);

const withLow = (commandLine: string, megabytes?: bigint) =>
  buildX86Machine({
    memory: [...SEABIOS_MEMORY, rangeOf(4n * GIB, 4n * GIB)],
    commandLine,
    crashRegion: {
      high,
      ...(megabytes === undefined ? {} : { low: rangeOf(0x4000_0000n, megabytes * MIB) }),
    },
  });

const lowOf = (machine: ReturnType<typeof withLow>, commandLine?: string) =>
  listFacts('crash-region', machine, { panic: true, commandLine }).filter((fact) => fact.includes('4 GiB'));

describe('memory below 4 GiB for a crash kernel above', () => {
  it('is the default, or what was asked for', () => {
    const seen = 'fine kdump: beside the region above 4 GiB,';
    expect(lowOf(withLow('crashkernel=512M,high', 256n))).toEqual([
      `${seen} 256M are reserved below, at 0x40000000..0x50000000 (crashkernel=512M,high)`,
    ]);
    expect(lowOf(withLow('crashkernel=512M,high crashkernel=72M,low', 72n))).toEqual([
      `${seen} 72M are reserved below, at 0x40000000..0x44800000 (crashkernel=512M,high crashkernel=72M,low)`,
    ]);
  });

  it('has room for swiotlb, or too little', () => {
    const machine = withLow('crashkernel=512M,high crashkernel=64M,low', 64n);
    expect(lowOf(machine)).toEqual([
      expect.stringMatching(/^warns .*; the crash kernel's swiotlb takes 64M$/),
    ]);
    expect(lowOf(machine, 'swiotlb=16384')).toEqual([expect.stringMatching(/^fine /)]);
    expect(lowOf(machine, 'swiotlb=noforce')).toEqual([expect.stringMatching(/^fine /)]);
    expect(lowOf(machine, 'swiotlb=65536')).toEqual([expect.stringMatching(/swiotlb takes 128M$/)]);
  });

  it('is missing, with a cure by what this kernel reserves by default', () => {
    const [finding] = listFindings('crash-region', withLow('crashkernel=512M,high crashkernel=0,low'));
    expect(finding).toMatchObject({
      severity: 'warns',
      fact: 'all memory for the crash kernel is above 4 GiB: 0x140000000..0x160000000 (crashkernel=512M,high crashkernel=0,low)',
      cure: expect.stringContaining('crashkernel=256M,low'),
    });
    // The boot loader is unknown; those of boards are not named.
    expect(finding?.cure).toContain('GRUB');
    expect(finding?.cure).not.toMatch(/U-Boot|Raspberry/);
  });

  it('is not needed beside a region below', () => {
    expect(lowOf(buildX86Machine({ commandLine: 'crashkernel=512M' }))).toEqual([]);
  });
});
