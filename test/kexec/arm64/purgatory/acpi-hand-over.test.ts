import { describe, expect, it } from 'vitest';
import type { SerialPort } from '../../../../src/machine/console.js';
import { buildAcpiFacts } from '../../../support/acpi.js';
import { buildImage } from '../../../support/image.js';
import { countingRandom, expectRefusal, findSegment, loadOrFail } from '../../../support/load.js';
import { buildMachine } from '../../../support/machine.js';

type Facts = Parameters<typeof buildAcpiFacts>[0];
type Options = NonNullable<Parameters<typeof loadOrFail>[0]['options']>;

const request = (options: Options = {}) => ({ kernel: buildImage(), options, random: countingRandom });

function plan(facts: Facts, options?: Options) {
  const { kimage, trail } = loadOrFail(request(options), buildMachine({ acpi: buildAcpiFacts(facts) }));
  const say = (check: string) => trail.find((entry) => entry.check === check)?.detail;
  return {
    bytes: findSegment(kimage, 'purgatory').bytes,
    serial: say('purgatory-serial'),
    mismatch: say('purgatory-mismatch'),
  };
}

const address = 0x1000_0260_0000n;
const PL011: SerialPort = { kind: 'pl011', base: address, shift: 0, width: 4 };

describe('on a machine with ACPI, purgatory', () => {
  it.each<[string, Facts['console'], SerialPort]>([
    ['PL011', { type: 'pl011', address, accessBits: 32 }, PL011],
    ['PL011 without an access size', { type: 'pl011', address }, PL011],
    ['SBSA generic UART', { type: 'sbsa-uart', address, accessBits: 32 }, { ...PL011, kind: 'sbsa-uart' }],
    [
      '16550 of bytes',
      { type: '16550', address, accessBits: 8 },
      { kind: '8250', base: address, shift: 0, width: 1 },
    ],
    [
      '16550 of half-words',
      { type: '16550', address, accessBits: 16 },
      { kind: '8250', base: address, shift: 1, width: 2 },
    ],
    [
      '16550 of words',
      { type: '16550', address, accessBits: 32 },
      { kind: '8250', base: address, shift: 2, width: 4 },
    ],
  ])("prints to the SPCR's %s", (_, console, serial) => {
    const found = plan({ cpuMethod: 'psci-smc', console });
    expect(found.serial).toBe(`purgatory prints to the ${serial.kind} at 0x100002600000`);
    expect(found.bytes).toEqual(plan({ cpuMethod: 'psci-smc' }, { purgatory: { serial } }).bytes);
  });

  it.each<[string, Facts['console']]>([
    ['no UART is named', undefined],
    ['the UART is of another kind', { type: 'other', address, accessBits: 32 }],
    ['the accesses of a 16550 are left open', { type: '16550', address }],
    ['the accesses of a 16550 have 64 bits', { type: '16550', address, accessBits: 64 }],
  ])('is silent if %s', (_, console) => {
    const found = plan({ cpuMethod: 'psci-smc', console });
    expect(found.serial).toBe("ACPI's SPCR names no UART that purgatory knows: it is silent");
    expect(found.bytes).toEqual(plan({ cpuMethod: 'psci-smc' }, { purgatory: { serial: 'none' } }).bytes);
  });

  it('obeys --serial first', () => {
    const console = { type: 'pl011', address } as const;
    expect(plan({ console }, { purgatory: { serial: 'none' } }).serial).toContain('as asked');
  });

  it("resets the machine by PSCI, through the FADT's conduit", () => {
    const smc = plan({ cpuMethod: 'psci-smc' });
    const hvc = plan({ cpuMethod: 'psci-hvc' });
    for (const { mismatch } of [smc, hvc]) expect(mismatch).toContain('purgatory resets the machine');
    expect(smc.bytes).not.toEqual(hvc.bytes);
  });

  it.each(['parking-protocol', 'unknown', undefined] as const)('halts without PSCI: %s', (cpuMethod) => {
    const facts = cpuMethod === undefined ? {} : { cpuMethod };
    expect(plan(facts).mismatch).toContain('purgatory halts');
    const machine = buildMachine({ acpi: buildAcpiFacts(facts) });
    const { refusal } = expectRefusal(request({ purgatory: { onMismatch: 'reset' } }), machine);
    expect(refusal).toMatchObject({ check: 'purgatory-mismatch', errno: 'EINVAL' });
  });
});
