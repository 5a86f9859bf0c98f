import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { FIRMWARE_RESOURCES, RESET_SPACES, type X86Facts } from '../../../src/machine/x86-64/x86-machine.js';
import { recordX86, X86_RECORDINGS } from '../../support/x86-machine.js';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u32 = fc.nat(0xffff_ffff);
const range = fc.tuple(u64, u64).map(([a, b]) => (a < b ? { start: a, end: b } : { start: b, end: a }));

/** Any facts: each may be missing. */
const facts: fc.Arbitrary<X86Facts> = fc.record(
  {
    e820: fc.array(fc.record({ range, type: u32 })),
    resources: fc.array(fc.record({ name: fc.constantFrom(...FIRMWARE_RESOURCES), range })),
    freeMemblock: fc.array(range),
    bootParams: fc.uint8Array({ minLength: 4096, maxLength: 4096 }),
    efiHandOver: fc.record({
      firmwareVendor: u64,
      configTable: u64,
      smbios: u64,
      rsdp: u64,
      runtimeMap: fc.array(fc.record({ type: u32, physical: u64, virtual: u64, pages: u64, attribute: u64 })),
    }),
    purgatory: fc.record(
      { object: fc.uint8Array(), bufsz: u64, memsz: u64, alignment: u64 },
      { requiredKeys: ['bufsz', 'memsz', 'alignment'] },
    ),
    fiveLevels: fc.boolean(),
    gigabytePages: fc.boolean(),
    tdxGuest: fc.boolean(),
    resetRegister: fc.record({ space: fc.constantFrom(...RESET_SPACES), address: u64, value: fc.nat(0xff) }),
    bootApicId: fc.nat(),
    crashElfcorehdrSize: u64,
  },
  { requiredKeys: [] },
);

describe('the machine file of an x86_64 machine', () => {
  it.each(X86_RECORDINGS)('round-trips %s', (name) => {
    const machine = recordX86(name);
    expect(parseMachine(formatMachine(machine))).toEqual(machine);
  });

  it('round-trips any facts', () => {
    const machine = recordX86('x86-64-seabios');
    fc.assert(
      fc.property(facts, (x86) => {
        expect(parseMachine(formatMachine({ ...machine, x86 }))).toEqual({ ...machine, x86 });
      }),
    );
  });

  it.each([
    ['a boot_params of another size', { bootParams: 'AAAA' }, /bootParams/],
    [
      'a reset register in another space',
      { resetRegister: { space: 'smbus', address: '0x1', value: 1 } },
      /space/,
    ],
    [
      'a reset value of more than a byte',
      { resetRegister: { space: 'port', address: '0x1', value: 256 } },
      /value/,
    ],
    ['pages of another size', { pageSize: 16384 }, /pageSize/],
    ['a device tree', { deviceTree: 'AAAA' }, /deviceTree/],
    [
      'a resource of another name',
      { resources: [{ name: 'System RAM', range: { start: '0x0', end: '0x1' } }] },
      /name/,
    ],
    ['an architecture that has no machine file', { architecture: 'riscv64' }, /architecture/],
  ])('is refused with %s', (_, change, field) => {
    const text = JSON.stringify({ ...JSON.parse(formatMachine(recordX86('x86-64-seabios'))), ...change });
    expect(() => parseMachine(text)).toThrow(field);
    expect(() => parseMachine(text)).toThrow(
      expect.objectContaining({ check: 'machine-schema', errno: 'EINVAL' }),
    );
  });
});
