import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { buildMachine, GIB } from '../support/machine.js';

/** The machine file of a small machine, as JSON, with one field changed. */
function fileWith(change: object): string {
  return JSON.stringify({ ...JSON.parse(formatMachine(buildMachine())), ...change });
}

describe('a machine file', () => {
  it.each<readonly [string, Machine]>([
    ['a small machine', buildMachine()],
    [
      'a machine with everything',
      buildMachine({
        crashRegion: { high: { start: 5n * GIB, end: 6n * GIB }, low: { start: GIB, end: 2n * GIB } },
        kernelImage: { code: { start: GIB, end: 2n * GIB }, data: { start: 2n * GIB, end: 3n * GIB } },
        arm64: { deviceTreeAddress: GIB },
        commandLine: 'quiet "a b"',
        systemProduct: 'Mt. Jade',
        firmware: { vendor: 'EDK II', version: '2.4' },
        efi: { platformSize: 64, tables: ['ACPI20', 'SMBIOS3'], services: ['variables', 'time'] },
        acpi: {
          tables: ['FACP', 'SPCR'],
          cpuMethod: 'psci-smc',
          console: { type: '16550', address: 2n * GIB, accessBits: 8, baud: 115200 },
          debugPorts: [{ type: 'other', address: GIB }],
          gic: { version: 3, its: 1 },
          watchdogs: 2,
        },
        handover: { scratch: [{ start: 3n * GIB, end: 4n * GIB }], fdt: GIB },
        crashCma: [
          { start: 3n * GIB, end: 4n * GIB },
          { start: GIB, end: 2n * GIB },
        ],
        dmCryptKeys: {
          keys: [{ name: 'root', description: 'cryptsetup:root' }, { name: 'data' }],
          reuse: true,
        },
        cma: { total: GIB, defaultArea: { start: GIB, end: 2n * GIB } },
        qemu: { machine: 'virt', cpu: 'max', memory: '2G', cpus: 4 },
      }),
    ],
    ...Object.entries(PRESETS).map(([name, preset]) => [name, preset()] as const),
  ])('round-trips %s', (_, machine) => {
    expect(parseMachine(formatMachine(machine))).toEqual(machine);
  });

  it('writes addresses as "0x…", lower case', () => {
    expect(JSON.parse(formatMachine(buildMachine())).memory).toEqual([
      { start: '0x40000000', end: '0x80000000' },
    ]);
  });

  it.each([
    ['no JSON', '{', /not JSON/],
    ['another version', fileWith({ kexecFileMachine: 2 }), /kexecFileMachine/],
    ['a number for an address', fileWith({ memory: [{ start: 1, end: '0x2' }] }), /memory\.0\.start/],
    [
      'a range that ends before it starts',
      fileWith({ memory: [{ start: '0x2', end: '0x1' }] }),
      /memory\.0: must not end/,
    ],
    [
      'overlapping RAM',
      fileWith({
        memory: [
          { start: '0x0', end: '0x2' },
          { start: '0x1', end: '0x3' },
        ],
      }),
      /memory: must be lowest first/,
    ],
    ['no RAM', fileWith({ memory: [] }), /memory/],
    ['a device tree that is not base64', fileWith({ deviceTree: '!' }), /deviceTree/],
    ['a page size of 8 KiB', fileWith({ pageSize: 8192 }), /pageSize/],
    ['a field that nobody knows', fileWith({ memroy: [] }), /memroy/],
  ])('is refused with %s', (_, text, field) => {
    expect(() => parseMachine(text)).toThrow(field);
    expect(() => parseMachine(text)).toThrow(
      expect.objectContaining({ check: 'machine-schema', errno: 'EINVAL' }),
    );
  });

  it('is read or refused, whatever its contents', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parseMachine(text)).toThrow(KexecError);
      }),
    );
  });
});
