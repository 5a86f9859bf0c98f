import { describe, expect, it } from 'vitest';
import type { AcpiFacts } from '../../../src/machine/acpi-facts.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { listFacts } from '../../support/doctor.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';

const kernel = buildImage();
const on = (commandLine: string, acpi: AcpiFacts, options?: Record<string, string>) =>
  listFacts('console', buildMachine({ acpi }), { kernel, commandLine, options });
const spcr = (type: NonNullable<AcpiFacts['console']>['type']) =>
  buildAcpiFacts({ console: { type, address: 0x0900_0000n, accessBits: 32 } });

describe("the next kernel's console on a machine with ACPI", () => {
  it.each([
    ['pl011', 'the pl011 at 0x9000000'],
    ['sbsa-uart', 'the sbsa-uart at 0x9000000'],
    ['16550', 'the 16550 at 0x9000000'],
    ['other', 'the UART at 0x9000000'],
  ] as const)("is the SPCR's without console=: %s", (type, name) => {
    expect(on('quiet', spcr(type))).toEqual([
      `fine kexec: the next kernel prints to ${name}, which ACPI's SPCR names`,
    ]);
  });

  it('is that of console=, with a warning if its driver is not that of the UART', () => {
    expect(on('console=ttyAMA0', spcr('sbsa-uart'))).toEqual([
      'fine kexec: the next kernel prints to ttyAMA0 (console= on the command line)',
    ]);
    expect(on('console=ttyS0', spcr('pl011'))[0]).toBe(
      "warns kexec: console=ttyS0, but the firmware's console is a PL011 (ttyAMA)",
    );
    expect(on('console=ttyS0', spcr('other'))[0]).toMatch(/^fine/);
  });

  it('gets a warning if the next kernel has no driver for it', () => {
    expect(on('', spcr('16550'), {})[0]).toContain('CONFIG_SERIAL_8250_CONSOLE');
  });

  it('is missing if neither names it', () => {
    expect(on('quiet', { tables: ['FACP'] })).toEqual([
      'warns kexec: the command line has no console=, and ACPI has no table SPCR',
    ]);
    expect(on('quiet', { tables: ['SPCR'] })).toEqual([
      "warns kexec: the command line has no console=, and the device tree's /chosen no stdout-path",
    ]);
  });
});
