import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../src/base/range.js';
import { parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { ARCHITECTURES, findArchitecture } from '../../src/kexec/architectures.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import { buildImage } from '../support/image.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';
import {
  buildToyKernel,
  TOY,
  TOY_ELF_MACHINE,
  type ToyMachine,
} from '../support/toy-architecture/toy-architecture.js';

/** The one line. */
const WITH_TOY = [...ARCHITECTURES, TOY];

const machine: ToyMachine = {
  architecture: 'toy',
  name: 'toy',
  memorySource: 'iomem',
  memory: [rangeOf(0n, GIB)],
  reserved: [rangeOf(0n, GIB)],
  totalRam: GIB,
  crashRegion: { high: rangeOf(512n * MIB, 64n * MIB) },
  pageSize: 4096,
  crash: {
    notes: [rangeOf(2n * MIB, 424n)],
    vmcoreinfo: rangeOf(3n * MIB, 4096n),
    text: { start: 4n * MIB, end: 8n * MIB, virtual: 0xffff_ffff_8000_0000n },
    linearMap: { physical: 0n, virtual: 0xffff_8000_0000_0000n },
  },
  toy: { floor: 16n * MIB },
};

const { crashRegion: _, ...withoutRegion } = machine;

const kernel = buildToyKernel(8192, 0x42);

function load(request: Partial<LoadRequest>, on: ToyMachine = machine) {
  return kexecFileLoad({ kernel, ...request }, on, undefined, WITH_TOY);
}

function loaded(request: Partial<LoadRequest>, on?: ToyMachine) {
  const result = load(request, on);
  if ('refusal' in result) throw result.refusal;
  return result;
}

function refused(request: Partial<LoadRequest>, on?: ToyMachine) {
  const result = load(request, on);
  if (!('refusal' in result)) throw new Error('the load was not refused');
  const { check, errno } = result.refusal;
  return `${check} ${errno}`;
}

describe('an architecture of one folder and one line', () => {
  it('loads its own kernels, where it wants them', () => {
    const { kimage, trail } = loaded({ initrd: new Uint8Array(5000), options: { commandLine: 'quiet' } });
    expect(kimage.segments.map(({ name, mem, memsz }) => [name, mem, memsz])).toEqual([
      ['initrd', GIB - 0x1_0000n, 0x2000n],
      ['kernel', GIB - 0x2_0000n, 0x2000n],
    ]);
    expect(kimage.entry).toBe(GIB - 0x2_0000n + 0x42n);
    expect(trail.map(({ check }) => check)).toEqual([
      'file-size',
      'image-magic',
      'signature',
      'file-size',
      'command-line',
      'image-size',
      'segment-hole',
      'segment-hole',
      'segment-total',
    ]);
  });

  it('loads crash kernels into the crash region, with an ELF core header of its own', () => {
    const { kimage } = loaded({ options: { type: 'crash' } });
    const [header] = kimage.segments;
    expect(header).toMatchObject({ name: 'elfcorehdr', mem: 576n * MIB - 0x1_0000n });
    const { loads } = parseElfcorehdr(header?.bytes ?? new Uint8Array(0), TOY_ELF_MACHINE);
    expect(loads.map(({ physicalAddress, memorySize }) => [physicalAddress, memorySize])).toEqual([
      [4n * MIB, 4n * MIB],
      [MIB, 511n * MIB],
      [576n * MIB, 448n * MIB],
    ]);
  });

  it('draws places within its own bounds', () => {
    const high = { ...machine, memory: [rangeOf(2n * GIB - 64n * MIB, GIB)] };
    for (let seed = 0n; seed < 20n; seed += 1n) {
      const { kimage } = loaded({ options: { randomize: seed } }, high);
      expect(kimage.segments[0]?.mem).toBeLessThan(2n * GIB);
    }
  });

  it.each<[string, Partial<LoadRequest>, ToyMachine | undefined, string]>([
    ["another's kernel", { kernel: buildImage() }, undefined, 'image-magic EINVAL'],
    ['a kernel that it cannot run', { kernel: buildToyKernel(1 << 17, 0) }, undefined, 'image-size EINVAL'],
    ['a longer command line', { options: { commandLine: 'x'.repeat(16) } }, undefined, 'command-line EINVAL'],
    ['rules that it does not have', { options: { rules: 'v3' } }, undefined, 'placement-rules EINVAL'],
    [
      'a place beyond its limit',
      {},
      { ...machine, memory: [rangeOf(8n * GIB, GIB)] },
      'segment-page EADDRNOTAVAIL',
    ],
    [
      'a crash kernel without a region',
      { options: { type: 'crash' } },
      withoutRegion,
      'crash-region EADDRNOTAVAIL',
    ],
  ])('refuses %s', (_, request, on, expected) => {
    expect(refused(request, on)).toBe(expected);
  });
});

describe('the list of architectures', () => {
  it('has the one of each machine', () => {
    expect(findArchitecture(buildMachine()).name).toBe('arm64');
    expect(findArchitecture(machine, WITH_TOY)).toBe(TOY);
  });

  it('refuses a machine of another', () => {
    const result = kexecFileLoad({ kernel }, machine);
    expect(result).toMatchObject({ refusal: { check: 'machine-architecture', errno: 'EINVAL' } });
    expect(result.trail).toHaveLength(1);
  });
});
