/** The block of boot parameters, as second kernels read it in guests. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import type { LoadRequest } from '../../../src/kexec/request.js';
import type { E820Entry, X86Facts, X86Machine } from '../../../src/machine/x86-64/x86-machine.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildX86Machine, MIB, SEABIOS_E820 } from '../../support/x86-pc.js';

/** Reads the block of a load. */
function blockOf(
  request: Partial<LoadRequest>,
  facts: Partial<X86Facts> = {},
  machine: Partial<X86Machine> = {},
) {
  const result = kexecFileLoad({ kernel: buildBzimage(), ...request }, buildX86Machine(machine, facts));
  if ('refusal' in result) throw result.refusal;
  const find = (wanted: string) => result.kimage.segments.find(({ name }) => name === wanted);
  const block = find('boot-params');
  if (block === undefined) throw new Error('there is no block');
  const { bytes, mem } = block;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = (at: number): string => new TextDecoder().decode(bytes.subarray(at)).replace(/\0.*$/s, '');
  const u32 = (at: number): number => view.getUint32(at, true);
  const u64 = (at: number): bigint => view.getBigUint64(at, true);
  const whole = (low: number, high: number): bigint => BigInt(u32(low)) + (BigInt(u32(high)) << 32n);
  return { bytes, mem, view, text, u32, u64, whole, find, trail: result.trail };
}

function readE820({ bytes, u64, u32 }: ReturnType<typeof blockOf>): E820Entry[] {
  return Array.from({ length: bytes[0x1e8] ?? 0 }, (_, index) => {
    const at = 0x2d0 + index * 20;
    return { range: { start: u64(at), end: u64(at) + u64(at + 8) }, type: u32(at + 16) };
  });
}

/** The nodes of setup_data, first to last: type and data. */
function readChain({ mem, bytes, u32, u64 }: ReturnType<typeof blockOf>): [number, Uint8Array][] {
  const nodes: [number, Uint8Array][] = [];
  for (let address = u64(0x250); address !== 0n; address = u64(Number(address - mem))) {
    const at = Number(address - mem);
    nodes.push([u32(at + 8), bytes.subarray(at + 16, at + 16 + u32(at + 12))]);
  }
  return nodes;
}

describe('the setup header', () => {
  it("is the file's, but for what a boot loader writes", () => {
    const kernel = buildBzimage();
    const { bytes } = blockOf({ kernel });
    const expected = kernel.slice(0x1f1, 0x26c);
    const changed = { 528: 0xd0, 529: 0 };
    for (const [at, value] of Object.entries(changed)) expected[Number(at) - 0x1f1] = value;
    expected.set(bytes.subarray(0x228, 0x22c), 0x228 - 0x1f1);
    expect(bytes.slice(0x1f1, 0x26c)).toEqual(expected);
    expect(bytes.slice(0x26c, 0x290)).toEqual(new Uint8Array(0x290 - 0x26c));
  });

  it('of the longest length runs into the memory map, which is written later', () => {
    const block = blockOf({ kernel: buildBzimage({ jump: 0xff }) });
    expect(readE820(block)).toEqual(SEABIOS_E820);
  });
});

describe('the command line', () => {
  const at = 4096;

  it('follows the parameters', () => {
    const { text, u32, mem } = blockOf({ options: { commandLine: 'console=ttyS0' } });
    expect(text(at)).toBe('console=ttyS0');
    expect(BigInt(u32(0x228))).toBe(mem + 4096n);
    expect(u32(0xc8)).toBe(0);
  });

  it('of a crash kernel begins with elfcorehdr=', () => {
    const { text } = blockOf({ options: { type: 'crash', commandLine: 'nr_cpus=1' } });
    expect(text(at)).toBe('elfcorehdr=0x5e000000 nr_cpus=1');
  });

  it('that is missing leaves elfcorehdr= alone', () => {
    const { text, bytes } = blockOf({ options: { type: 'crash' } });
    expect(text(at)).toBe('elfcorehdr=0x5e000000');
    expect(bytes[at + 21]).toBe(0);
  });

  it('that is missing is empty, and named all the same', () => {
    const { text, u32, mem } = blockOf({});
    expect(text(at)).toBe('');
    expect(BigInt(u32(0x228))).toBe(mem + 4096n);
  });
});

it('names the initrd, above 4 GiB by both halves', () => {
  const memory = [{ start: 0x1_0000_0000n, end: 0x1_c000_0000n }];
  const { whole, find } = blockOf({ initrd: new Uint8Array(12345) }, {}, { memory });
  expect(whole(0x218, 0xc0)).toBe(find('initrd')?.mem);
  expect(whole(0x21c, 0xc4)).toBe(12345n);
});

describe('e820', () => {
  it("is the firmware's map, and tells the old fields of RAM", () => {
    const block = blockOf({});
    expect(readE820(block)).toEqual(SEABIOS_E820);
    const kilobytes = 0x7ffd_efff / 1024 - 1024;
    expect(block.u32(0x1e0)).toBe(Math.floor(kilobytes));
    expect(block.view.getUint16(2, true)).toBe(0xfc00);
  });

  it('of RAM that ends at 0x805fff: ext_mem_k 0x1c17', () => {
    const e820 = [{ range: { start: 0x10_0000n, end: 0x80_6000n }, type: 1 }];
    const { u32, view } = blockOf({}, { e820 });
    expect([view.getUint16(2, true), u32(0x1e0)]).toEqual([0x1c17, 0x1c17]);
  });

  it('has room for 128 entries; the trail says what is dropped', () => {
    const e820 = Array.from({ length: 130 }, (_, index) => ({
      range: { start: BigInt(index) * MIB, end: BigInt(index) * MIB + 4096n },
      type: 2,
    }));
    const block = blockOf({}, { e820 });
    expect(readE820(block)).toEqual(e820.slice(0, 128));
    expect(block.trail.some(({ detail }) => detail.startsWith('2 more are dropped'))).toBe(true);
  });

  it('of a crash kernel is made from resources, in the order of the kernel', () => {
    const resources: X86Facts['resources'] = [
      { name: 'Reserved', range: { start: 0n, end: 0x1000n } },
      { name: 'ACPI Tables', range: { start: 0x7f00_0000n, end: 0x7f01_0000n } },
      { name: 'ACPI Non-volatile Storage', range: { start: 0x7f02_0000n, end: 0x7f03_0000n } },
    ];
    const crashCma = [{ start: 0x76c0_0000n, end: 0x7ec0_0000n }];
    const crashRegion = {
      high: { start: 0x5e00_0000n, end: 0x7e00_0000n },
      low: { start: 0x1000_0000n, end: 0x1100_0000n },
    };
    const block = blockOf({ options: { type: 'crash' } }, { resources }, { crashCma, crashRegion });
    expect(readE820(block).map(({ range, type }) => [range.start, range.end, type])).toEqual([
      [0x1000n, 0x9fc00n, 1],
      [0x7f00_0000n, 0x7f01_0000n, 3],
      [0x7f02_0000n, 0x7f03_0000n, 4],
      [0n, 0x1000n, 2],
      [0x1000_0000n, 0x1100_0000n, 1],
      [0x5e0e_00b0n, 0x7e00_0000n, 1],
      [0x76c0_0000n, 0x7ec0_0000n, 1],
    ]);
  });
});

describe('what the running kernel carries over', () => {
  it('screen, disks, subarchitecture, and nothing else', () => {
    const bootParams = new Uint8Array(4096).fill(0x5a);
    bootParams.fill(0, 0x1c0, 0x1e0);
    const { bytes } = blockOf({}, { bootParams, e820: [] });
    const same = [...bytes.subarray(0, 4096).entries()].filter(
      ([at, byte]) => byte === 0x5a && (at < 0x1f1 || at >= 0x26c || (at >= 0x23c && at < 0x240)),
    );
    const ranges = [
      [0, 2],
      [4, 0x40],
      [0x70, 0x78],
      [0x1e9, 0x1ea],
      [0x23c, 0x240],
      [0x290, 0x2d0],
      [0xd00, 0xd00 + 492],
    ] as const;
    const expected = ranges.flatMap(([start, end]) =>
      Array.from({ length: end - start }, (_, index) => start + index),
    );
    expect(same.map(([at]) => at)).toEqual(expected);
  });

  it('bytes of any number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bootParams) => {
        expect(blockOf({}, { bootParams }).bytes.length).toBe(blockOf({}).bytes.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('EFI, as a guest with OVMF had it', () => {
  const runtimeMap = Array.from({ length: 7 }, (_, index) => ({
    type: 6,
    physical: 0x7f52_0000n + BigInt(index) * MIB,
    virtual: 0xffff_fffe_f000_0000n + BigInt(index) * MIB,
    pages: 16n,
    attribute: 0x8000_0000_0000_000fn,
  }));
  const efiHandOver = {
    firmwareVendor: 0x7f52_aa18n,
    configTable: 0x7f5e_bc98n,
    smbios: 0x7f52_0000n,
    rsdp: 0x7f77_d014n,
    runtimeMap,
  };
  const bootParams = new Uint8Array(4096);
  bootParams.set(new TextEncoder().encode('EL64'), 0x1c0);
  bootParams.set([0x18, 0xb0, 0x5e, 0x7f, 0x30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x10, 0x7e, 0x60, 6], 0x1c4);
  bootParams[0x1ec] = 2;
  const memory = [{ start: 0x1_0000_0000n, end: 0x1_4000_0000n }];
  const options = { commandLine: 'console=ttyS0 panic=1' };
  const facts = { efiHandOver, bootParams };

  it('hands on the runtime map, its place, and Secure Boot', () => {
    const block = blockOf({ options }, facts, { memory });
    expect(block.mem).toBe(0x1_3fff_9000n);
    expect(block.text(0x1c0).slice(0, 4)).toBe('EL64');
    expect([0x1c4, 0x1c8, 0x1cc, 0x1d0, 0x1d4, 0x1d8, 0x1dc].map(block.u32)).toEqual([
      0x7f5e_b018, 0x30, 1, 0x3fff_a040, 0x150, 0, 1,
    ]);
    expect(block.bytes[0x1ec]).toBe(2);
    expect(block.u64(0x70)).toBe(0x7f77_d014n);
    expect(block.u32(0x228)).toBe(0x3fff_a000);
    expect(block.u32(0xc8)).toBe(1);
    const [first] = runtimeMap;
    expect([8, 16, 24, 32].map((at) => block.u64(0x1040 + at))).toEqual([
      first?.physical,
      first?.virtual,
      first?.pages,
      first?.attribute,
    ]);
    expect(block.u64(0x250)).toBe(0x1_3fff_a190n);
    const [[type, data] = []] = readChain(block);
    expect(type).toBe(4);
    const expected = new Uint8Array(96);
    const numbers = new DataView(expected.buffer);
    for (const [index, number] of [0x7f52_aa18n, 0n, 0x7f5e_bc98n, 0x7f52_0000n].entries())
      numbers.setBigUint64(index * 8, number, true);
    expect(data).toEqual(expected);
  });

  it.each(['efi=noruntime', 'noefi'])('%s: nothing but the RSDP', (commandLine) => {
    const block = blockOf({ options }, facts, { memory, commandLine });
    expect(block.bytes.subarray(0x1c0, 0x1e0)).toEqual(new Uint8Array(32));
    expect(block.bytes[0x1ec]).toBe(0);
    expect(block.u64(0x70)).toBe(0x7f77_d014n);
    expect(readChain(block)).toEqual([]);
    // The firmware's map, of 0x660 bytes, has room behind the command line.
    expect(block.bytes).toHaveLength(0x1040 + 0x660 + 0xa0);
  });

  it('that is not to be handed over: nothing but the RSDP and Secure Boot, with which the next kernel locks down', () => {
    const block = blockOf({ options: { ...options, efi: false } }, facts, { memory });
    expect(block.bytes.subarray(0x1c0, 0x1e0)).toEqual(new Uint8Array(32));
    expect(block.bytes[0x1ec]).toBe(2);
    expect(block.u64(0x70)).toBe(0x7f77_d014n);
    expect(readChain(block)).toEqual([]);
    expect(block.trail).toContainEqual({
      check: 'boot-params',
      verdict: 'note',
      detail: expect.stringContaining('nothing of UEFI'),
    });
  });

  it('refuses room for a map that no firmware has', () => {
    const bootParams = Uint8Array.from(facts.bootParams ?? []);
    new DataView(bootParams.buffer).setUint32(0x1d4, 0xffff_fff0, true);
    const machine = buildX86Machine({ memory, commandLine: 'noefi' }, { ...facts, bootParams });
    const result = kexecFileLoad({ kernel: buildBzimage(), options }, machine);
    expect('refusal' in result && result.refusal).toMatchObject({ check: 'machine-facts', errno: 'EINVAL' });
  });

  it('the seed comes first in the chain', () => {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
    const chain = readChain(blockOf({ options, random }, facts, { memory }));
    expect(chain.map(([type]) => type)).toEqual([9, 4]);
    expect(chain[0]?.[1]).toEqual(new Uint8Array(32).fill(7));
  });

  it("the file's own setup_data is the chain's end", () => {
    const kernel = buildBzimage();
    new DataView(kernel.buffer).setBigUint64(0x250, 0x1234_5000n, true);
    const block = blockOf({ kernel, options }, facts, { memory });
    expect(block.u64(Number(block.u64(0x250) - block.mem))).toBe(0x1234_5000n);
  });
});

describe('the size of the block', () => {
  it.each<[string, Record<string, string>, number]>([
    ['BIOS', { EFI: 'y' }, 0x10e0],
    ['no EFI', { CRASH_DUMP: 'y' }, 0x10e0 - 0x70],
    ['IMA', { EFI: 'y', IMA_KEXEC: 'y' }, 0x10e0 + 0x20],
    ['KHO', { EFI: 'y', KEXEC_HANDOVER: 'y' }, 0x10e0 + 0x30],
  ])('%s', (_, config, size) => {
    const options = { commandLine: 'console=ttyS0 panic=' };
    expect(blockOf({ options }, {}, { kernel: { config } }).bytes.length).toBe(size);
  });
});
