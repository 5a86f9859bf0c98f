import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { planStandIn } from '../../src/crash/rehearsal/stand-in.js';
import { formatMachine } from '../../src/machine/schema.js';
import { recordFromFolder } from '../../src/node/collect/record-folder.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';

const CASE = fileURLToPath(new URL('field/23-irqpoll', import.meta.url));

/** The case's machine, with this vendor in its DMI tables. */
function recordMachine(vendor?: string) {
  const folder = join(makeTemporaryFolder(), 'kmem');
  cpSync(join(CASE, 'kmem'), folder, { recursive: true });
  if (vendor !== undefined) writeFileSync(join(folder, 'dmi-sys-vendor'), `${vendor}\n`);
  return recordFromFolder(folder);
}

/** The command line that the capture kernel gets. */
function planCommandLine(vendor: string | undefined, ...options: readonly string[]): string {
  const folder = makeTemporaryFolder();
  const [machine, elf] = [join(folder, 'm.json'), join(folder, 'k.elf')];
  writeFileSync(machine, formatMachine(recordMachine(vendor)));
  const run = runCli('plan', join(CASE, 'Image'), '--machine', machine, '--elf', elf, '--json', ...options);
  expect([run.status, run.stderr]).toEqual([0, expect.stringMatching(/^\S+k\.elf: .*\n$/)]);
  // The device tree is a segment of the ELF file, and has the command line as plain text.
  return /(root=[ -~]*)?nr_cpus=1[ -~]*/.exec(readFileSync(elf, 'latin1'))?.[0] ?? '';
}

describe('field/23: irqpoll', () => {
  it('is left out on EC2', () => {
    expect(planCommandLine('Amazon EC2', '--capture-cmdline', '--append', '')).not.toMatch(/irqpoll/);
    expect(planCommandLine(undefined, '--capture-cmdline')).toMatch(/ irqpoll /);
    expect(planCommandLine('QEMU', '--capture-cmdline')).toMatch(/ irqpoll /);
  });

  it('is left out if an option says so, and appended if one says that', () => {
    expect(planCommandLine(undefined, '--capture-remove', 'irqpoll,root')).toMatch(
      /^nr_cpus=1 reset_devices cgroup/,
    );
    expect(planCommandLine('Amazon EC2', '--capture-cmdline', '--append', 'irqpoll')).toMatch(/ irqpoll$/);
    expect(runCli('plan', join(CASE, 'Image'), '--reuse-cmdline', '--capture-remove', 'a').status).toBe(2);
  });

  it('is left out in a rehearsal of an EC2 machine', () => {
    const standIn = planStandIn(recordMachine('Amazon EC2'), { cpu: 'max', el: '1' }, 8n << 30n);
    expect(standIn.captureCommandLine).not.toMatch(/irqpoll/);
  });
});
