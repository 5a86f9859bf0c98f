import { describe, expect, it } from 'vitest';
import { listFacts, listFindings } from '../../support/doctor.js';
import { compileDts } from '../../support/dts.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';

const PL011 = compileDts(`/dts-v1/;
  / {
    chosen { stdout-path = "serial0:115200n8"; };
    aliases { serial0 = "/pl011@9000000"; };
    pl011@9000000 { compatible = "arm,pl011", "arm,primecell"; };
  };`);
const DESIGNWARE = compileDts(`/dts-v1/;
  / {
    chosen { stdout-path = "/soc/serial@0"; };
    soc { serial@0 { compatible = "snps,dw-apb-uart"; }; };
  };`);

const kernel = buildImage();
const on = (commandLine: string, deviceTree?: Uint8Array, options?: Record<string, string>) =>
  listFacts('console', buildMachine(deviceTree === undefined ? {} : { arm64: { deviceTree } }), {
    kernel,
    commandLine,
    options,
  });

describe("the next kernel's console", () => {
  it('is the one of console=, or of stdout-path', () => {
    expect(on('console=tty0 console=ttyAMA0,115200 quiet', PL011)).toEqual([
      'fine kexec: the next kernel prints to tty0, ttyAMA0 (console= on the command line)',
    ]);
    expect(on('quiet', PL011)).toEqual([
      'fine kexec: the next kernel prints to pl011@9000000, which stdout-path names',
    ]);
    expect(on('', DESIGNWARE)).toEqual([
      'fine kexec: the next kernel prints to serial@0, which stdout-path names',
    ]);
  });

  it.each(['', 'quiet', 'console=', 'console=null', 'init=/bin/sh xconsole=ttyS0'])(
    'is missing with the command line "%s"',
    (commandLine) => {
      const [finding] = listFindings('console', buildMachine(), { kernel, commandLine });
      expect(finding).toMatchObject({
        severity: 'warns',
        fact: "the command line has no console=, and the device tree's /chosen no stdout-path",
        cure: expect.stringContaining('earlycon'),
      });
    },
  );

  it('gets a warning if its driver is not that of the UART', () => {
    expect(on('console=ttyS0', PL011)[0]).toBe(
      "warns kexec: console=ttyS0, but the firmware's console is a PL011 (ttyAMA)",
    );
    expect(on('console=ttyAMA0', DESIGNWARE)[0]).toBe(
      "warns kexec: console=ttyAMA0, but the firmware's console is an 8250 (ttyS)",
    );
    expect(on('console=ttyS0 console=ttyAMA0', PL011)[0]).toMatch(/^fine/);
    expect(on('console=hvc0', PL011)[0]).toMatch(/^fine/);
  });

  it('gets a warning if the next kernel has no driver for it', () => {
    expect(on('console=ttyAMA0', PL011, { SERIAL_8250_CONSOLE: 'y' })[0]).toBe(
      'warns kexec: the console is a ttyAMA, and the next kernel has no CONFIG_SERIAL_AMBA_PL011_CONSOLE',
    );
    expect(on('', PL011, {})[0]).toContain('CONFIG_SERIAL_AMBA_PL011_CONSOLE');
    expect(on('console=ttyAMA0', PL011, { SERIAL_AMBA_PL011_CONSOLE: 'y' })[0]).toMatch(/^fine/);
  });

  it('is read from the running command line if none is given', () => {
    const commandLine = 'console=ttyAMA0';
    expect(listFacts('console', buildMachine({ commandLine, arm64: { deviceTree: PL011 } }))).toEqual([
      'fine both: the next kernel prints to ttyAMA0 (console= on the running command line)',
    ]);
    expect(listFacts('console', buildMachine({ arm64: { deviceTree: PL011 } }))).toEqual([]);
  });

  it('is missing if stdout-path names no node', () => {
    const nowhere = (path: string) => compileDts(`/dts-v1/; / { chosen { stdout-path = "${path}"; }; };`);
    for (const path of ['serial7', '/soc/serial', '', ':115200']) {
      expect(on('', nowhere(path))[0]).toMatch(/^warns/);
    }
  });
});
