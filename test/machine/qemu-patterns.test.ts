import { describe, expect, it } from 'vitest';
import type { QemuOptions } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { checkQemuOptions } from '../../src/machine/qemu-patterns.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { buildQemuArguments } from '../../src/node/qemu/qemu-arguments.js';
import { recordFromQemu } from '../../src/node/qemu/record-qemu.js';
import { buildMachine } from '../support/machine.js';
import { buildX86Machine } from '../support/x86-pc.js';

const QEMU: QemuOptions = { machine: 'virt', cpu: 'cortex-a57', memory: '2G', cpus: 2 };

const PC: QemuOptions = { ...QEMU, machine: 'q35', cpu: 'qemu64' };

/** The text of a machine file with these options in it, whatever they are. */
function writeFile(qemu: unknown, machine: Machine = buildMachine()): string {
  return JSON.stringify({ ...JSON.parse(formatMachine(machine)), qemu });
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

  it.each<Partial<QemuOptions>>([
    {},
    { machine: 'pc' },
    { machine: 'pc-q35-7.2' },
    { machine: 'pc-i440fx-2.12' },
    { cpu: 'Skylake-Server-v1,pdpe1gb=on' },
    { cpu: 'EPYC,sse4.1=off' },
    { cpu: 'Opteron_G5' },
  ])('describe a PC: %o', (part) => {
    const qemu = { ...PC, ...part };
    expect(parseMachine(writeFile(qemu, buildX86Machine())).qemu).toEqual(qemu);
    expect(buildQemuArguments(qemu).slice(0, 4)).toEqual(['-M', qemu.machine, '-cpu', qemu.cpu]);
  });

  it("describe a board of the machine's own architecture", () => {
    const refused = expect.objectContaining({ check: 'machine-schema', errno: 'EINVAL' });
    expect(() => parseMachine(writeFile(PC))).toThrow(refused);
    expect(() => parseMachine(writeFile(QEMU, buildX86Machine()))).toThrow(refused);
  });

  it('name a board that QEMU describes, or a kernel has to boot', async () => {
    await expect(recordFromQemu(PC)).rejects.toMatchObject({ check: 'qemu-options', errno: 'EINVAL' });
  });

  it.each<Record<string, unknown>>([
    { machine: 'virt,dumpdtb=PWNED' },
    { machine: 'q35,firmware=/etc/shadow' },
    { machine: 'pc,pflash0=disk' },
    { machine: 'q35,virtualization=on' },
    { machine: 'pc-q35-7.2,,x' },
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
