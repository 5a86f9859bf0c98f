import { describe, expect, it } from 'vitest';
import type { AcpiConsole } from '../../../../src/machine/acpi-facts.js';
import { buildBzimage } from '../../../support/bzimage.js';
import { listFacts } from '../../../support/doctor.js';
import { buildX86Machine } from '../../../support/x86-pc.js';

const kernel = buildBzimage();
const COM2 = { type: '16550', space: 'port', address: 0x2f8n, accessBits: 8 } as const;

const on = (commandLine: string, console?: AcpiConsole, options?: Record<string, string>) => {
  const acpi = console === undefined ? {} : { acpi: { tables: ['SPCR'], console } };
  return listFacts('console', buildX86Machine(acpi), { kernel, commandLine, options });
};

describe('the console of the next kernel for x86_64', () => {
  it('is that of console=', () => {
    const fine = 'fine kexec: the next kernel prints to tty0, ttyS1 (console= on the command line)';
    expect(on('console=tty0 console=ttyS1,115200n8')).toEqual([fine]);
    expect(on('console=tty0 console=ttyS1,115200n8', COM2)).toEqual([fine]);
  });

  it('is the screen without it: nothing to say, unless firmware names a UART', () => {
    expect(on('quiet')).toEqual([]);
    expect(on('quiet', COM2)).toEqual([
      "warns kexec: the command line has no console=, and ACPI's SPCR names the UART at port 0x2f8",
    ]);
    expect(on('quiet', { type: '16550', address: 0xfedc_9000n, accessBits: 32 })).toEqual([
      "warns kexec: the command line has no console=, and ACPI's SPCR names the UART at 0xfedc9000",
    ]);
  });

  it('gets a warning if it is not the one that firmware names', () => {
    expect(on('console=ttyS0', COM2)[0]).toBe(
      "warns kexec: console=ttyS0, but the firmware's console is the UART at port 0x2f8",
    );
    expect(on('console=ttyS0 console=ttyS1', COM2)[0]).toMatch(/^fine/);
    // Which device has another UART is not known.
    expect(on('console=ttyS0', { ...COM2, address: 0x2f0n })[0]).toMatch(/^fine/);
  });

  it('gets a warning if the next kernel has no driver for it', () => {
    expect(on('console=ttyS0', undefined, {})[0]).toContain('CONFIG_SERIAL_8250_CONSOLE');
  });
});
