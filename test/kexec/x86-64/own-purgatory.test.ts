/** Loads by kexec_load(2), which has no purgatory of the kernel: ours verifies and hands over. */
import { describe, expect, it } from 'vitest';
import { encodeU32le, encodeU64le } from '../../../src/base/bytes.js';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import type { PurgatoryOptions } from '../../../src/kexec/hand-over-options.js';
import type { Segment } from '../../../src/kexec/kimage.js';
import type { LoadOptions } from '../../../src/kexec/load-options.js';
import { encodeRegions } from '../../../src/kexec/purgatory/regions.js';
import { loadOwnPurgatory } from '../../../src/kexec/x86-64/purgatory/load-purgatory.js';
import { digestRegion } from '../../../src/kexec/x86-64/purgatory/region-digest.js';
import type { X86Facts, X86Machine } from '../../../src/machine/x86-64/x86-machine.js';
import { portableHashes } from '../../../src/trust/portable-hashes.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildX86Machine } from '../../support/x86-pc.js';

const KERNEL = buildBzimage();
const INITRD = new Uint8Array(5000).fill(0x5a);
const { purgatory: _, ...FACTS } = buildX86Machine().x86;

function load(
  purgatory: PurgatoryOptions = {},
  options: LoadOptions = {},
  facts: Partial<X86Machine> = {},
  x86: Partial<X86Facts> = {},
) {
  const machine = { ...buildX86Machine(facts), x86: { ...FACTS, ...x86 } };
  const result = kexecFileLoad(
    { kernel: KERNEL, initrd: INITRD, options: { ...options, call: 'segments', purgatory } },
    machine,
  );
  if ('refusal' in result) throw result.refusal;
  const { kimage, trail } = result;
  const find = (name: Segment['name']): Segment => {
    const found = kimage.segments.find((segment) => segment.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return { kimage, trail, find };
}

/** The bytes of a symbol of purgatory in its segment. */
function readSymbol(segment: Segment, name: string): Uint8Array {
  const { offset, size } = findSymbol(name);
  return segment.bytes.subarray(offset, offset + size);
}

/** Where the loader writes a symbol: found by writing it. */
function findSymbol(name: string): { offset: number; size: number } {
  const purgatory = loadOwnPurgatory();
  const { length: size } = purgatory.getSymbol(name);
  const before = purgatory.link(0x10_0000n).bytes;
  purgatory.setSymbol(name, new Uint8Array(size).fill(0xff));
  const after = purgatory.link(0x10_0000n).bytes;
  return { offset: after.findIndex((byte, index) => byte !== before[index]), size };
}

describe('a load by kexec_load', () => {
  it('is refused if the next kernel would find no RAM, or none of what the firmware left', () => {
    const refused = (seen: RegExp) =>
      expect.objectContaining({
        check: 'machine-facts',
        errno: 'ENODATA',
        seen: expect.stringMatching(seen),
      });
    expect(() => load({}, {}, {}, { e820: [] })).toThrow(refused(/no RAM.*firmware\/memmap/));
    const { bootParams: __, ...x86 } = buildX86Machine().x86;
    const machine: X86Machine = { ...buildX86Machine(), x86 };
    expect(kexecFileLoad({ kernel: KERNEL, options: { call: 'segments' } }, machine)).toMatchObject({
      refusal: refused(/boot_params\/data/),
    });
  });

  it('of a crash kernel that the running one updates does not verify the ELF core header', () => {
    const verifiedBy = (hotplug: boolean) =>
      load({}, { type: 'crash', hotplug }).trail.find(({ check }) => check === 'purgatory-regions')?.detail;
    expect(verifiedBy(false)).toBe('purgatory verifies elfcorehdr, boot-params, kernel, initrd by SHA-256');
    expect(verifiedBy(true)).toBe('purgatory verifies boot-params, kernel, initrd by SHA-256');
  });

  it("needs nothing of the running kernel's purgatory, and enters ours", () => {
    const { kimage, find } = load();
    const purgatory = find('purgatory');
    expect(kimage.segments.map(({ name }) => name)).toEqual(['purgatory', 'boot-params', 'kernel', 'initrd']);
    expect(kimage.entry).toBe(purgatory.mem);
    expect(readSymbol(purgatory, 'kernel_entry')).toEqual(encodeU64le(find('kernel').mem + 0x200n));
    expect(readSymbol(purgatory, 'boot_params_addr')).toEqual(encodeU64le(find('boot-params').mem));
  });

  it('verifies all segments but purgatory, with their final bytes', () => {
    const { kimage, find } = load();
    const verified = kimage.segments.filter(({ name }) => name !== 'purgatory');
    const purgatory = find('purgatory');
    expect(readSymbol(purgatory, 'purgatory_sha_regions')).toEqual(encodeRegions(verified));
    const digests = readSymbol(purgatory, 'purgatory_region_digests');
    for (const [index, segment] of verified.entries()) {
      expect(digests.subarray(index * 32, index * 32 + 32)).toEqual(digestRegion(segment, portableHashes));
    }
    const names = new TextDecoder().decode(readSymbol(purgatory, 'purgatory_region_names'));
    expect(names.split(/\0+/)).toEqual(['boot-params', 'kernel', 'initrd', '']);
  });

  it('verifies the header of a crash kernel, too, and halts on a mismatch', () => {
    const { find } = load({}, { type: 'crash' });
    const names = new TextDecoder().decode(readSymbol(find('purgatory'), 'purgatory_region_names'));
    expect(names.split(/\0+/)).toEqual(['elfcorehdr', 'boot-params', 'kernel', 'initrd', '']);
    expect(readSymbol(find('purgatory'), 'on_mismatch')).toEqual(encodeU32le(0));
  });

  it('verifies nothing with --no-checks', () => {
    const { trail, find } = load({ checks: false });
    expect(readSymbol(find('purgatory'), 'purgatory_sha_regions')).toEqual(encodeRegions([]));
    expect(trail.filter(({ check }) => check === 'purgatory-regions').map(({ verdict }) => verdict)).toEqual([
      'note',
    ]);
  });

  it.each([
    ['console=ttyS0', 0x3f8n],
    ['console=tty0 console=ttyS1,115200n8', 0x2f8n],
    ['console=ttyS3 console=tty0', 0x2e8n],
    ['console=uart8250,io,0x2f0,115200n8', 0x2f0n],
    ['console=uart,io,752', 0x2f0n],
    ['earlycon=uart8250,io,0x3e8,115200 console=tty0', 0x3e8n],
    ['earlycon=uart8250,io,0x3e8 console=ttyS0', 0x3f8n],
  ])('prints to the serial port of %s', (commandLine, port) => {
    const purgatory = load({}, { commandLine }).find('purgatory');
    expect(readSymbol(purgatory, 'serial_kind')).toEqual(encodeU32le(4));
    expect(readSymbol(purgatory, 'serial_base')).toEqual(encodeU64le(port));
  });

  it.each<[string, PurgatoryOptions]>([
    ['console=ttyS0', { serial: 'none' }],
    ['console=ttyS4 console=ttyAMA0 console=hvc0', {}],
    ['console=uart8250,io,0x10000 earlycon=uart8250,mmio64,0xfe000000', {}],
    ['console=uart8250,io earlycon=uart8250,io,0x earlycon=uart8250,mmio,-1 earlycon', {}],
    ['', {}],
  ])('is silent with %s and %o', (commandLine, options) => {
    const { trail, find } = load(options, { commandLine });
    expect(readSymbol(find('purgatory'), 'serial_kind')).toEqual(encodeU32le(0));
    expect(trail.some(({ check, verdict }) => check === 'purgatory-serial' && verdict === 'note')).toBe(true);
  });

  it.each([
    ['mmio', 0, 1],
    ['mmio16', 1, 2],
    ['mmio32', 2, 4],
    ['mmio32native', 2, 4],
  ])('prints to a UART in memory: earlycon=uart8250,%s', (space, shift, width) => {
    const commandLine = `earlycon=uart8250,${space},0xfedc9000`;
    const purgatory = load({}, { commandLine }).find('purgatory');
    const read = (name: string) => readSymbol(purgatory, name);
    expect(read('serial_kind')).toEqual(encodeU32le(2));
    expect(read('serial_base')).toEqual(encodeU64le(0xfedc_9000n));
    expect([read('serial_shift'), read('serial_width')]).toEqual([encodeU32le(shift), encodeU32le(width)]);
  });

  it.each([
    [{ space: 'port', address: 0x2e8n, accessBits: 8 }, 4, 0],
    [{ space: 'port', address: 0x2e8n, accessBits: 32 }, 4, 0],
    [{ space: 'port', address: 0x2e8n }, 4, 0],
    [{ address: 0xfedc_9000n, accessBits: 32 }, 2, 2],
  ] as const)("prints to the UART of ACPI's SPCR if the command line names none: %o", (uart, kind, shift) => {
    const facts = { acpi: { tables: ['SPCR'], console: { type: '16550', ...uart } } } as const;
    const { trail, find } = load({}, { commandLine: 'console=tty0 earlycon' }, facts);
    const read = (name: string) => readSymbol(find('purgatory'), name);
    expect(read('serial_kind')).toEqual(encodeU32le(kind));
    expect(read('serial_base')).toEqual(encodeU64le(uart.address));
    expect(read('serial_shift')).toEqual(encodeU32le(shift));
    const detail = trail.find(({ check }) => check === 'purgatory-serial')?.detail;
    expect(detail).toMatch(/, which ACPI's SPCR names$/);
    const other = load({}, { commandLine: 'console=ttyS0' }, facts).find('purgatory');
    expect(readSymbol(other, 'serial_base')).toEqual(encodeU64le(0x3f8n));
  });

  it.each([
    { type: 'pl011', address: 0x900_0000n },
    { type: '16550', address: 0xfedc_9000n, accessBits: 64 },
    { type: '16550', space: 'port', address: 0x1_02e8n },
  ] as const)("is silent if purgatory does not know the SPCR's UART: %o", (console) => {
    const purgatory = load({}, {}, { acpi: { tables: ['SPCR'], console } }).find('purgatory');
    expect(readSymbol(purgatory, 'serial_kind')).toEqual(encodeU32le(0));
  });

  it("resets by the FADT's reset register first", () => {
    const resetRegister = { space: 'port', address: 0xcf9n, value: 0x0f } as const;
    const { trail, find } = load({}, {}, {}, { resetRegister });
    const read = (name: string) => readSymbol(find('purgatory'), name);
    expect([read('reset_kind'), read('reset_value')]).toEqual([encodeU32le(2), encodeU32le(0x0f)]);
    expect(read('reset_address')).toEqual(encodeU64le(0xcf9n));
    const detail = trail.find(({ check }) => check === 'purgatory-mismatch')?.detail;
    expect(detail).toContain("by the FADT's reset register (port 0xcf9, value 0xf)");
  });

  it.each([
    [undefined, 'no reset register is known'],
    [{ space: 'memory', address: 0x1_0000_0000n, value: 1 }, 'address 0x100000000, value 0x1'],
    [{ space: 'pci', address: 0x1f_0000_0144n, value: 1 }, 'offset 0x144 of PCI device 0:1f.0, value 0x1'],
  ] as const)('resets in the other ways without one that it can write to: %o', (resetRegister, text) => {
    const { trail, find } = load({}, {}, {}, resetRegister && { resetRegister });
    expect(readSymbol(find('purgatory'), 'reset_kind')).toEqual(encodeU32le(0));
    expect(trail.find(({ check }) => check === 'purgatory-mismatch')?.detail).toContain(text);
  });

  it('prints to the 8250 of --serial, and refuses a PL011', () => {
    const serial = { kind: '8250', base: 0xfed0_0000n, shift: 2, width: 4 } as const;
    const purgatory = load({ serial }, { commandLine: 'console=ttyS0' }).find('purgatory');
    expect(readSymbol(purgatory, 'serial_kind')).toEqual(encodeU32le(2));
    expect(readSymbol(purgatory, 'serial_base')).toEqual(encodeU64le(0xfed0_0000n));
    expect(() => load({ serial: { kind: 'pl011', base: 0x900_0000n, shift: 0, width: 4 } })).toThrow(
      expect.objectContaining({ check: 'purgatory-serial', errno: 'EINVAL' }),
    );
  });

  it.each([
    ['halt', 0],
    ['reset', 1],
    ['continue', 3],
    [undefined, 1],
  ] as const)('does on a mismatch what was chosen: %s', (onMismatch, code) => {
    const purgatory = load({ onMismatch }).find('purgatory');
    expect(readSymbol(purgatory, 'on_mismatch')).toEqual(encodeU32le(code));
  });
});
