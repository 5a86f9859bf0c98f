import { describe, expect, it } from 'vitest';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildImage, FLAGS_4K } from '../../support/image.js';
import { buildMachine, GIB } from '../../support/machine.js';

const FLAGS_16K = 0xcn;
const BIG_ENDIAN = 1n;

const bytes = (text: string) =>
  Uint8Array.from(text.padEnd(64, '\0'), (character) => character.charCodeAt(0));

describe('a kernel', () => {
  it('that can be loaded has its places and its header in order', () => {
    const subject = { kernel: buildImage() };
    expect(listFacts('load', buildMachine(), subject)).toEqual([
      expect.stringMatching(
        /^fine kexec: the kernel can be loaded: kernel at 0x40000000, dtb at 0x[0-9a-f]+, /,
      ),
    ]);
    expect(listFacts('image', buildMachine(), subject)).toEqual([
      'fine kexec: the Image is little-endian, as the running kernel',
      'fine kexec: the Image uses 4K pages, which the CPUs have',
    ]);
  });

  it('with a page size that the CPUs lack is refused', () => {
    const [finding] = listFindings('image', buildMachine(), { kernel: buildImage({ flags: FLAGS_16K }) });
    expect(finding).toEqual({
      topic: 'image',
      severity: 'stops',
      about: 'kexec',
      fact: 'the load is refused: EINVAL (image-granule): the Image uses 16K pages; the CPUs have 4K, 64K (at offset 0x18)',
      why: "the CPUs support the Image's page size (translation granule)",
      cure: expect.stringContaining('CONFIG_ARM64_4K_PAGES'),
      source: 'image_load()',
    });
  });

  it('of the other byte order is refused, or unknown if the CPUs are', () => {
    const kernel = buildImage({ flags: FLAGS_4K | BIG_ENDIAN });
    expect(listFacts('image', buildMachine(), { kernel })[0]).toMatch(/^stops .*image-endianness/);
    expect(listFacts('image', buildMachine({ arm64: {} }), { kernel })).toEqual([
      'unknown kexec: the Image is big-endian; whether the CPUs can do both is not known',
      'unknown kexec: the Image uses 4K pages; whether the CPUs have them is not known',
    ]);
  });

  it.each([
    ['give the kernel file itself', bytes('#!/bin/sh')],
    ['for arm64 an Image', bytes('MZ, and then nothing')],
    ['give the whole file', new Uint8Array(63).fill(0x90)],
  ])('is refused if it is no Image: %s', (cure, kernel) => {
    const [finding] = listFindings('image', buildMachine(), { kernel });
    expect(finding).toMatchObject({ severity: 'stops', cure: expect.stringContaining(cure) });
  });

  it('is refused if there is no free memory', () => {
    const machine = buildMachine({ reserved: [{ start: GIB, end: 2n * GIB - 4096n }] });
    const [finding] = listFindings('load', machine, { kernel: buildImage() });
    expect(finding).toMatchObject({
      severity: 'stops',
      fact: expect.stringContaining('EADDRNOTAVAIL (segment-hole)'),
      cure: expect.stringContaining('free memory'),
    });
  });

  it('before Linux 4.6 gets a warning far from the start of RAM', () => {
    const machine = buildMachine({
      memory: [{ start: GIB, end: 4n * GIB }],
      reserved: [{ start: GIB, end: 3n * GIB }],
    });
    const old = buildImage({ flags: 0x2n });
    expect(listFacts('image', machine, { kernel: old })[0]).toBe(
      'warns kexec: the Image must lie near the start of RAM, but would be placed at 0xc0000000..0xc0200000',
    );
    expect(listFacts('image', buildMachine(), { kernel: old })[0]).toMatch(/^fine/);
    expect(listFacts('image', machine, { kernel: buildImage() })[0]).toMatch(/^fine/);
  });

  it('gets a warning if it cannot map all RAM', () => {
    const far: Partial<Arm64Machine> = {
      memory: [
        { start: GIB, end: 2n * GIB },
        { start: 512n * GIB, end: 520n * GIB },
      ],
    };
    const kernel = buildImage();
    const on = (bits: string, facts: Partial<Arm64Machine>) =>
      listFacts('image', buildMachine(facts), { kernel, options: { ARM64_VA_BITS: bits } });
    expect(on('39', far)[0]).toBe(
      'warns kexec: the next kernel has virtual addresses of 39 bits, which map 256G of RAM; RAM spans 519G',
    );
    expect(on('48', far)).toContain(
      'fine kexec: the next kernel has virtual addresses of 48 bits, which map 128T of RAM',
    );
    expect(on('39', {})).toContain(
      'fine kexec: the next kernel has virtual addresses of 39 bits, which map 256G of RAM',
    );
    expect(on('many', far).join()).not.toContain('virtual addresses');
  });
});
