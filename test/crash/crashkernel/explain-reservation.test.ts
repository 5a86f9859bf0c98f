import { describe, expect, it } from 'vitest';
import { explainMissingRegion } from '../../../src/crash/crashkernel/explain-reservation.js';
import { reserveCrashkernel } from '../../../src/crash/crashkernel/reserve-crashkernel.js';
import { addNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { createFdt } from '../../../src/formats/fdt/tree.js';
import { encodeU32 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../../support/machine.js';

/** 2 GiB of low RAM and 14 GiB of high RAM; the kernel takes the 64 MiB from 1 GiB + 16 MiB on. */
const machineWith = (commandLine: string, release = '6.12.0', facts: TestFacts = {}) =>
  buildMachine({
    memory: [
      { start: GIB, end: 3n * GIB },
      { start: 34n * GIB, end: 48n * GIB },
    ],
    reserved: [{ start: GIB + 16n * MIB, end: GIB + 80n * MIB }],
    commandLine,
    kernel: { release },
    ...facts,
  });

const explain = (...args: Parameters<typeof machineWith>) => {
  const { reason, cure } = explainMissingRegion(machineWith(...args));
  return { reason, cure };
};

/** Only 100 MiB of low RAM are free. */
const fullLow: TestFacts = { reserved: [{ start: GIB, end: 3n * GIB - 100n * MIB }] };

describe('a missing crash region', () => {
  it.each<[string, Parameters<typeof machineWith>, RegExp, RegExp]>([
    ['no parameter', ['quiet'], /has no crashkernel=$/, /^add crashkernel=320M to /],
    [
      'malformed',
      ['crashkernel=256MB'],
      /cannot parse it, and logs ".*char: B"$/,
      /^replace crashkernel=256MB by crashkernel=320M on /,
    ],
    [
      'RAM below the first range',
      ['crashkernel=64G-:1G'],
      /none of its ranges has the RAM.* 16 GiB$/,
      /^add a range for 16 GiB, or replace /,
    ],
    ['larger than RAM', ['crashkernel=32G'], /as much as the machine has, 16 GiB/, /by crashkernel=320M on/],
    ['no bytes', ['crashkernel=0M'], /0 bytes/, /by crashkernel=320M on/],
    ['low alone', ['crashkernel=128M,low'], /count only beside/, /by crashkernel=320M on/],
    [
      'high before 5.19',
      ['crashkernel=1G,high', '5.10.0-28-arm64'],
      /5\.10\.0-28-arm64 ignores .*Linux 5\.19/,
      /by crashkernel=320M on .*or run Linux 5\.19 or later$/,
    ],
    [
      'too large for low memory before 6.2',
      ['crashkernel=4G', '5.10.0'],
      /largest free piece below 4 GiB, where alone 5\.10\.0 reserves, has 1\.92 GiB$/,
      /ask for less: replace crashkernel=4G by crashkernel=320M on .*or run Linux 6\.2/,
    ],
    [
      'too large for any piece',
      ['crashkernel=15G'],
      /largest free piece has 14 GiB$/,
      /ask for less.* by crashkernel=320M on/,
    ],
    [
      'an address outside of RAM',
      ['crashkernel=256M@4G'],
      /0x100000000\.\.0x110000000 is not all in RAM/,
      /leave the address out.* by crashkernel=256M on/,
    ],
    [
      'an address across the end of RAM',
      ['crashkernel=256M@2944M'],
      /is not all in RAM/,
      /leave the address out/,
    ],
    [
      'an address that is taken',
      ['crashkernel=256M@1G'],
      /is not free: 0x41000000\.\.0x45000000 is taken/,
      /leave the address out.* by crashkernel=256M on [^;]*;[^;]*(;(?! if it has)[^;]*)*$/,
    ],
    [
      'an unaligned address',
      ['crashkernel=256M@0x60100000'],
      /0x60100000 is not a multiple of 2 MiB/,
      /give an address that is one, or leave/,
    ],
    [
      'no low memory for high',
      ['crashkernel=1G,high', '6.12.0', fullLow],
      /reserves 128 MiB below 4 GiB, where the largest free piece has 100 MiB/,
      /crashkernel=1G,high crashkernel=96M,low on/,
    ],
    [
      'no low memory for a fall-back',
      ['crashkernel=1G', '6.12.0', fullLow],
      /reserves 128 MiB below 4 GiB/,
      /crashkernel=1G,high crashkernel=96M,low on/,
    ],
    ['no reason', ['crashkernel=256M'], /by what is recorded, there is room/, /dmesg \| grep -i crashkernel/],
    [
      'no CONFIG_CRASH_DUMP',
      ['crashkernel=256M', '6.12.0', { kernel: { release: '6.12.0', config: { KEXEC: 'y' } } }],
      /no CONFIG_CRASH_DUMP/,
      /run a kernel with CONFIG_CRASH_DUMP=y/,
    ],
  ])('for %s says so, with a cure of its own', (_, args, reason, cure) => {
    expect(explain(...args).reason).toMatch(reason);
    expect(explain(...args).cure).toMatch(cure);
  });

  it('asks for what an old kernel can reserve', () => {
    // 5.10 reserves in the 4 GiB where RAM begins, and has 100 MiB there.
    const { cure } = explain('quiet', '5.10.0', fullLow);
    expect(cure).toMatch(/^add crashkernel=96M to /);
    expect(explain('quiet', '6.1.0', fullLow).cure).toMatch(
      /^add crashkernel=320M,high crashkernel=128M,low to /,
    );
  });

  it('names nokaslr if the kernel itself lies at the address', () => {
    const crash = {
      notes: [],
      vmcoreinfo: { start: 0n, end: 1n },
      text: { start: GIB + 16n * MIB, end: GIB + 48n * MIB, virtual: 0n },
      linearMap: { physical: 0n, virtual: 0n },
    };
    expect(explain('crashkernel=256M@1G', '6.12.0', { crash }).cure).toMatch(/add nokaslr/);
    expect(explain('nokaslr crashkernel=256M@1G', '6.12.0', { crash }).cure).not.toMatch(/nokaslr,/);
  });

  it('is explained by the memory that devices can address', () => {
    const fdt = createFdt();
    setProperty(fdt, fdt.root, '#address-cells', encodeU32(2));
    const soc = addNode(fdt.root, 'soc');
    setProperty(fdt, soc, '#address-cells', encodeU32(1));
    setProperty(fdt, soc, '#size-cells', encodeU32(1));
    // As on a Raspberry Pi 4: its devices see the first GiB of RAM at 0xc0000000.
    setProperty(fdt, soc, 'dma-ranges', Uint8Array.of(0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0));
    const memory = [
      { start: 0n, end: 948n * MIB },
      { start: GIB, end: 4n * GIB },
    ];
    const facts = {
      memory,
      reserved: [{ start: 0n, end: 700n * MIB }],
      arm64: { deviceTree: writeFdt(fdt) },
    };
    expect(explain('crashkernel=512M', '5.15.0', facts).reason).toMatch(/below 1 GiB, .* has 248 MiB$/);
    expect(reserveCrashkernel(machineWith('crashkernel=512M', '5.10.0', facts)).kind).toBe('reserved');
    expect(reserveCrashkernel(machineWith('crashkernel=512M', '6.12.0', facts)).kind).toBe('reserved');
  });
});
