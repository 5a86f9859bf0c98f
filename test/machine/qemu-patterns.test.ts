import { describe, expect, it } from 'vitest';
import type { QemuOptions } from '../../src/machine/machine-facts.js';
import { checkQemuOptions } from '../../src/machine/qemu-patterns.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { buildQemuArguments } from '../../src/node/qemu/qemu-arguments.js';
import { buildMachine } from '../support/machine.js';

const QEMU: QemuOptions = { machine: 'virt', cpu: 'cortex-a57', memory: '2G', cpus: 2 };

/** The text of a machine file with these options in it, whatever they are. */
function writeFile(qemu: unknown): string {
  return JSON.stringify({ ...JSON.parse(formatMachine(buildMachine())), qemu });
}

describe('options for QEMU', () => {
  it.each<Partial<QemuOptions>>([
    { machine: 'virt,virtualization=on' },
    { machine: 'virt-7.2,gic-version=3,its=on' },
    { machine: 'virt,secure=on,acpi=off' },
    { cpu: 'max,pauth-impdef=on,sve=off' },
    { cpu: 'neoverse-n1' },
    { memory: '2048' },
    { memory: '1.5G' },
    { cpus: 512 },
  ])('describe a machine: %o', (part) => {
    const qemu = { ...QEMU, ...part };
    expect(() => checkQemuOptions(qemu)).not.toThrow();
    expect(parseMachine(writeFile(qemu)).qemu).toEqual(qemu);
    expect(buildQemuArguments(qemu).slice(0, 4)).toEqual(['-M', qemu.machine, '-cpu', qemu.cpu]);
  });

  it.each<Record<string, unknown>>([
    { machine: 'virt,dumpdtb=PWNED' },
    { machine: 'virt,firmware=/etc/shadow' },
    { machine: 'virt,virtualization=on,dtb=x' },
    { machine: 'virt,secure=on,,dumpdtb=x' },
    { machine: 'virt,initrd=x' },
    { machine: 'virt\n' },
    { machine: 'none' },
    { machine: 'help' },
    { machine: '' },
    { cpu: 'max,dumpdtb=x' },
    { cpu: '-device' },
    { cpu: 'cortex-a57 -monitor stdio' },
    { cpu: '' },
    { memory: '2G,slots=2,maxmem=4G' },
    { memory: 'size=2G' },
    { memory: '-1' },
    { cpus: 0 },
    { cpus: 1e21 },
    { cpus: 1.5 },
    { cpus: '2,sockets=2' },
  ])('name nothing else, in a machine file and where QEMU is started: %o', (part) => {
    const qemu = { ...QEMU, ...part } as QemuOptions;
    expect(() => buildQemuArguments(qemu)).toThrow(
      expect.objectContaining({ check: 'qemu-options', errno: 'EINVAL' }),
    );
    expect(() => parseMachine(writeFile(qemu))).toThrow(
      expect.objectContaining({ check: 'machine-schema', errno: 'EINVAL' }),
    );
  });
});
