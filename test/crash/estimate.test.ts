import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateCrashRegion } from '../../src/crash/estimate.js';
import { buildCpio } from '../../src/formats/cpio.js';
import { readUnpackedSize } from '../../src/formats/unpacked-size.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { catchRefusal } from '../support/hostile.js';
import { buildMachine } from '../support/machine.js';

const MIB = 1n << 20n;
const GIB = 1n << 30n;

const machineOf = (ram: bigint, start = GIB, reserved: Machine['reserved'] = []): Machine => ({
  ...buildMachine(),
  memory: [{ start, end: start + ram }],
  reserved,
});

const files = {
  kernel: 30n * MIB,
  pageSize: 4096,
  initrd: { packed: 20n * MIB, unpacked: 60n * MIB },
} as const;

describe('an estimate', () => {
  it('is the sum of its parts, and at least what distributions reserve', () => {
    const { parts, sum, usual, reserve, parameter } = estimateCrashRegion(files, machineOf(8n * GIB));
    expect(parts.map(({ what, bytes }) => [what, bytes / MIB])).toEqual([
      ['kernel', 30n],
      ['initrd', 20n],
      ['initrd, unpacked', 60n],
      ['device tree and ELF core header', 2n],
      ['kernel memory', 48n],
      ['user memory', 64n],
      ['bitmaps', 0n],
      ['struct page', 3n],
    ]);
    expect(parts.reduce((total, { bytes }) => total + bytes, 0n)).toBe(sum);
    expect(usual).toMatchObject({ bytes: 320n * MIB, why: 'RAM from 4 GiB on' });
    expect(reserve).toBe(320n * MIB);
    expect(parameter).toBe('crashkernel=320M');
  });

  it.each([
    [2n * GIB, 4096, 256n],
    [4n * GIB, 4096, 320n],
    [64n * GIB, 4096, 576n],
    [4n * GIB, 65536, 420n],
  ] as const)(
    'for %i bytes of RAM and pages of %i bytes, kdumpctl would reserve %i MiB',
    (ram, pageSize, usual) => {
      expect(estimateCrashRegion({ kernel: MIB, pageSize }, machineOf(ram)).usual?.bytes).toBe(usual * MIB);
    },
  );

  it('reserves high if there is no room below 4 GiB', () => {
    const reserved = [{ start: GIB, end: 4n * GIB - 64n * MIB }];
    expect(estimateCrashRegion(files, machineOf(16n * GIB, GIB, reserved)).parameter).toBe(
      'crashkernel=320M,high crashkernel=128M,low',
    );
    // Without RAM below 4 GiB there is no low region either.
    expect(estimateCrashRegion(files, machineOf(16n * GIB, 512n * GIB)).parameter).toBe('crashkernel=320M');
  });

  it('counts the present crash region as free', () => {
    const high = { start: 2n * GIB, end: 3n * GIB };
    const machine = { ...machineOf(16n * GIB, GIB, [{ start: GIB, end: 4n * GIB }]), crashRegion: { high } };
    expect(estimateCrashRegion(files, machine)).toMatchObject({
      parameter: 'crashkernel=320M',
      reserved: GIB,
    });
  });

  it('is refused if it is more than half of the RAM', () => {
    expect(catchRefusal(() => estimateCrashRegion(files, machineOf(400n * MIB)))).toMatchObject({
      errno: 'ENOMEM',
      check: 'crash-estimate',
    });
  });

  it('has room for kernel and initrd, and is a multiple of 16 MiB', () => {
    const size = fc.bigInt({ min: 1n, max: 200n * MIB });
    fc.assert(
      fc.property(size, size, (kernel, packed) => {
        const { reserve } = estimateCrashRegion({ kernel, initrd: { packed } }, machineOf(64n * GIB));
        expect(reserve).toBeGreaterThan(kernel + packed * 4n);
        expect(reserve % (16n * MIB)).toBe(0n);
      }),
    );
  });
});

describe('the unpacked size of an initrd', () => {
  const archive = buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: new Uint8Array(5000) },
  ]);
  it('is known for a cpio archive and for gzip, and unknown otherwise', () => {
    expect(readUnpackedSize(archive)).toBe(BigInt(archive.length));
    expect(readUnpackedSize(new Uint8Array(gzipSync(archive)))).toBe(BigInt(archive.length));
    expect(readUnpackedSize(new Uint8Array(1000).fill(0x33))).toBeUndefined();
    expect(readUnpackedSize(new Uint8Array(3))).toBeUndefined();
  });
});
