import { describe, expect, it } from 'vitest';
import { planStandIn } from '../../../src/crash/rehearsal/stand-in.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import type { X86Machine } from '../../../src/machine/x86-64/x86-machine.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildMachine } from '../../support/machine.js';

const MIB = 1n << 20n;
const GIB = 1n << 30n;

/** A server of 64 GiB and 80 CPUs. */
const SERVER: Machine = {
  ...buildMachine(),
  name: 'server',
  memory: [
    { start: 2n * GIB, end: 4n * GIB },
    { start: 32n * GIB, end: 94n * GIB },
  ],
  crashRegion: {
    high: { start: 90n * GIB, end: 90n * GIB + 320n * MIB },
    low: { start: 3n * GIB, end: 3n * GIB + 128n * MIB },
  },
  possibleCpus: 80,
  commandLine:
    'BOOT_IMAGE=/vmlinuz root=/dev/sda1 console=ttyS0,115200 nokaslr acpi=force quiet crashkernel=2G-16G:256M,16G-:320M -- x',
};

const OPTIONS = { cpu: 'cortex-a57', el: '1' } as const;

describe('planStandIn', () => {
  it('is as large as the machine if the host has the memory, with its crashkernel=', () => {
    expect(planStandIn(SERVER, OPTIONS, 65n * GIB)).toEqual({
      firmware: 'none',
      qemu: { machine: 'virt', cpu: 'cortex-a57', memory: '65536M', cpus: 4 },
      commandLine: 'console=ttyAMA0 panic=-1 crashkernel=2G-16G:256M,16G-:320M nokaslr',
      captureCommandLine: expect.stringMatching(
        /^console=ttyAMA0 panic=-1 root=\/dev\/sda1 nokaslr nr_cpus=1 reset_devices irqpoll .*-- x$/,
      ),
      crashkernel: ['crashkernel=2G-16G:256M,16G-:320M'],
      notes: ['the guest has 4 CPUs, the machine 80'],
    });
  });

  it('reports what is scaled down, and reserves what the machine has reserved', () => {
    const { qemu, crashkernel, notes } = planStandIn(SERVER, { ...OPTIONS, el: '2' }, 5n * GIB + 1n);
    expect(qemu).toMatchObject({ machine: 'virt,virtualization=on', memory: '5120M' });
    expect(crashkernel).toEqual(['crashkernel=320M,high', 'crashkernel=128M,low']);
    expect(notes).toEqual([
      'the guest has 5120 MiB of RAM, the machine 65536 MiB: this host has no memory for more',
      'crashkernel= reserves as much as the machine has reserved',
      'the guest has 4 CPUs, the machine 80',
    ]);
  });

  it('follows its options', () => {
    const options = { ...OPTIONS, memory: '2G', cpus: 1, crashkernel: ['192M'], commandLine: 'console=x y' };
    expect(planStandIn(SERVER, options, GIB)).toMatchObject({
      qemu: { memory: '2G', cpus: 1 },
      crashkernel: ['crashkernel=192M'],
      captureCommandLine: 'console=ttyAMA0 panic=-1 y',
      notes: [],
    });
  });

  it.each<readonly [string, Partial<Machine>, string]>([
    ['ACPI', { efi: { tables: ['ACPI20'] }, acpi: { tables: [], gic: { version: 2, its: 0 } } }, 'virt'],
    ['a GICv4', { efi: {}, acpi: { tables: [], gic: { version: 4, its: 1 } } }, 'virt,gic-version=3'],
    ['a device tree', { efi: { tables: ['SMBIOS3'] } }, 'virt,acpi=off'],
  ])('boots by UEFI as the machine, with %s', (_, facts, board) => {
    const machine = { ...SERVER, ...facts } as Machine;
    const standIn = planStandIn(machine, OPTIONS, 65n * GIB);
    expect(standIn).toMatchObject({ firmware: 'uefi', qemu: { machine: board } });
    expect(standIn.notes).not.toContainEqual(expect.stringContaining('UEFI'));
    expect(planStandIn(machine, { ...OPTIONS, firmware: 'none' }, 65n * GIB)).toMatchObject({
      firmware: 'none',
      qemu: { machine: 'virt' },
      notes: expect.arrayContaining(['the guest boots by a device tree, the machine by UEFI']),
    });
  });

  it('is a PC for a machine of x86_64, with page tables of as many levels', () => {
    const machine = {
      ...PRESETS['qemu-q35'](),
      possibleCpus: 2,
      commandLine: 'root=/dev/sda1 console=tty0 crashkernel=192M',
    } as X86Machine;
    const pc = { machine: 'q35', cpu: 'qemu64', cpus: 2 };
    expect(planStandIn(machine, { el: '1' }, 65n * GIB)).toMatchObject({
      firmware: 'none',
      qemu: pc,
      commandLine: 'console=ttyS0 panic=-1 crashkernel=192M',
      captureCommandLine: expect.stringMatching(
        /^console=ttyS0 panic=-1 root=\/dev\/sda1 nr_cpus=1 .* mce=off numa=off /,
      ),
      notes: [],
    });
    const fiveLevels = { ...machine, x86: { ...machine.x86, fiveLevels: true } };
    expect(planStandIn(fiveLevels, { el: '1' }, 65n * GIB)).toMatchObject({ qemu: { ...pc, cpu: 'max' } });
    expect(planStandIn(fiveLevels, { ...OPTIONS, firmware: 'uefi', cpu: 'qemu64' }, 65n * GIB)).toMatchObject(
      {
        firmware: 'uefi',
        qemu: pc,
        notes: ['the guest boots by UEFI, the machine by SeaBIOS'],
      },
    );
  });

  it('refuses a machine that reserves nothing, and one that the host has no memory for', () => {
    const { crashRegion: _, ...without } = { ...SERVER, commandLine: 'quiet' };
    expect(catchRefusal(() => planStandIn(without, OPTIONS, 65n * GIB))).toMatchObject({
      errno: 'EADDRNOTAVAIL',
      check: 'crash-region',
    });
    expect(catchRefusal(() => planStandIn(SERVER, OPTIONS, 700n * MIB))).toMatchObject({
      errno: 'ENOMEM',
      check: 'rehearsal',
    });
  });
});
