import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../src/base/range.js';
import { parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { EM_X86_64 } from '../../src/formats/elf/format.js';
import { findArchitecture } from '../../src/kexec/architectures.js';
import { kexecFileLoad, requireKernel } from '../../src/kexec/file-load.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { X86Machine } from '../../src/machine/x86-64/x86-machine.js';
import { buildBzimage } from '../support/bzimage.js';
import { catchRefusal } from '../support/hostile.js';
import { buildImage } from '../support/image.js';
import { buildMachine } from '../support/machine.js';
import { buildX86Machine, MIB } from '../support/x86-pc.js';

const machine = buildX86Machine();
const { crashRegion: _, ...withoutRegion } = machine;
const kernel = buildBzimage();

function loaded(request: Partial<LoadRequest>, on: X86Machine = machine) {
  const result = kexecFileLoad({ kernel, ...request }, on);
  if ('refusal' in result) throw result.refusal;
  return result;
}

function refused(request: Partial<LoadRequest>, on: X86Machine = machine) {
  const result = kexecFileLoad({ kernel, ...request }, on);
  if (!('refusal' in result)) throw new Error('the load was not refused');
  const { check, errno } = result.refusal;
  return `${check} ${errno}`;
}

describe('an architecture of one folder and one line', () => {
  it('loads its own kernels, in its own order', () => {
    const { kimage, trail } = loaded({ initrd: new Uint8Array(5000), options: { commandLine: 'quiet' } });
    expect(kimage.segments.map(({ name }) => name)).toEqual(['purgatory', 'boot-params', 'kernel', 'initrd']);
    expect(trail.filter(({ verdict }) => verdict === 'ok').map(({ check }) => check)).toEqual([
      'file-size',
      'bzimage-protocol',
      'file-size',
      'command-line',
      'bzimage-setup',
      'bzimage-command-line',
      ...Array(4).fill('segment-hole'),
      'boot-params',
      'segment-total',
    ]);
  });

  it('loads crash kernels into the crash region, with an ELF core header of its own', () => {
    const { kimage } = loaded({ options: { type: 'crash' } });
    const [header] = kimage.segments;
    expect(header).toMatchObject({ name: 'elfcorehdr', mem: 0x5e00_0000n });
    const { loads } = parseElfcorehdr(header?.bytes ?? new Uint8Array(0), EM_X86_64);
    expect(loads.map(({ physicalAddress, memorySize }) => [physicalAddress, memorySize])).toEqual([
      [0x2100_0000n, 0x300_0000n],
      [MIB, 0x5e00_0000n - MIB],
      [0x7e00_0000n, 0x1fd_f000n],
    ]);
  });

  it('draws places', () => {
    for (let seed = 0n; seed < 5n; seed += 1n) {
      const { kimage } = loaded({ options: { randomize: seed } });
      expect(kimage.segments[2]?.mem).toBeGreaterThanOrEqual(16n * MIB);
    }
  });

  it.each<[string, Partial<LoadRequest>, X86Machine | undefined, string]>([
    ["another's kernel", { kernel: buildImage() }, undefined, 'bzimage-header ENOEXEC'],
    [
      'a longer command line',
      { options: { commandLine: 'x'.repeat(2017) } },
      undefined,
      'bzimage-command-line EINVAL',
    ],
    ['rules that it does not have', { options: { rules: 'v3' } }, undefined, 'placement-rules EINVAL'],
    [
      'a place beyond its limit',
      {},
      { ...machine, memory: [rangeOf(1n << 46n, 1n << 30n)] },
      'segment-page EADDRNOTAVAIL',
    ],
    [
      'a crash kernel without a region',
      { options: { type: 'crash' } },
      withoutRegion,
      'crash-region EADDRNOTAVAIL',
    ],
  ])('refuses %s', (_name, request, on, expected) => {
    expect(refused(request, on)).toBe(expected);
  });
});

describe('the list of architectures', () => {
  it('has the one of each machine', () => {
    expect(findArchitecture(buildMachine()).name).toBe('arm64');
    expect(findArchitecture(machine).name).toBe('x86_64');
  });

  it('refuses a machine of another', () => {
    const other = { ...machine, architecture: 'riscv' };
    const result = kexecFileLoad({ kernel }, other);
    expect(result).toMatchObject({ refusal: { check: 'machine-architecture', errno: 'EINVAL' } });
    expect(result.trail).toHaveLength(1);
  });

  it('names a kernel of the other one to each', () => {
    const result = kexecFileLoad({ kernel }, buildMachine());
    expect(result).toMatchObject({ refusal: { check: 'image-magic', errno: 'EINVAL' } });
    expect('refusal' in result && result.refusal.seen).toMatch(/a kernel for x86, 6\.12\.1/);
    const other = kexecFileLoad({ kernel: buildImage() }, machine);
    expect('refusal' in other && other.refusal.seen).toMatch(/an? .*arm64 Image/);
  });

  it('takes a kernel of either for one', () => {
    requireKernel(kernel);
    requireKernel(buildImage());
    expect(catchRefusal(() => requireKernel(new Uint8Array(4096)))).toBeDefined();
  });
});
