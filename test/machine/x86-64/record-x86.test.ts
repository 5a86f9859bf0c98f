import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../src/base/range.js';
import { E820_NVS, E820_RAM, E820_RESERVED } from '../../../src/formats/e820.js';
import { findMachineArchitecture, readBootTree } from '../../../src/machine/architectures.js';
import type { Collected } from '../../../src/machine/collected.js';
import { readStubSecureBoot } from '../../../src/machine/efi-variables.js';
import { measureUsableRam } from '../../../src/machine/machine-facts.js';
import { recordMachine } from '../../../src/machine/record.js';
import { findRunningMemory } from '../../../src/machine/running-memory.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { buildFadt, buildSpcr } from '../../support/acpi.js';
import { catchRefusal } from '../../support/hostile.js';
import { PC_FADT, Q35_FADT } from '../../support/qemu-acpi.js';
import { readX86Files, recordX86 } from '../../support/x86-machine.js';

describe('an x86_64 machine under SeaBIOS', () => {
  const machine = recordX86('x86-64-seabios');

  it('has the System RAM of iomem, to the byte', () => {
    expect(machine).toMatchObject({
      architecture: 'x86_64',
      memorySource: 'iomem',
      pageSize: 4096,
      possibleCpus: 2,
      memory: [
        { start: 0x1000n, end: 0x9_fc00n },
        { start: 0x10_0000n, end: 0x7ffd_f000n },
      ],
      crashRegion: { high: { start: 0x6f00_0000n, end: 0x7f00_0000n } },
      kernelImage: {
        code: { start: 0x1500_0000n, end: 0x1600_0000n },
        data: { start: 0x16c0_0000n, end: 0x16e7_2c80n },
      },
    });
    expect(machine.reserved).toHaveLength(5);
    expect(measureUsableRam(machine)).toBe(machine.totalRam);
  });

  it('has the map that the next kernel gets', () => {
    const { e820, resources } = machine.x86;
    expect(e820).toHaveLength(9);
    expect(e820?.slice(0, 2)).toEqual([
      { range: rangeOf(0n, 0x9_fc00n), type: E820_RAM },
      { range: { start: 0x9_fc00n, end: 0xa_0000n }, type: E820_RESERVED },
    ]);
    // The first page is RAM there, and reserved in the resource tree; a resource of the tree may lie in another one.
    expect(resources?.slice(0, 3).map(({ range }) => range)).toEqual([
      { start: 0n, end: 0x1000n },
      { start: 0x9_fc00n, end: 0xa_0000n },
      { start: 0xf_0000n, end: 0x10_0000n },
    ]);
    expect(resources).toContainEqual({ name: 'Reserved', range: { start: 0xb000_0000n, end: 0xc000_0000n } });
  });

  it('has the facts of its kernel', () => {
    expect(machine.x86).toMatchObject({
      fiveLevels: false,
      gigabytePages: false,
      crashElfcorehdrSize: 917_616n,
    });
    expect(machine.x86.bootParams).toHaveLength(4096);
    expect(machine.x86.efiHandOver).toBeUndefined();
    expect(machine.kernel?.config).toMatchObject({ CRASH_HOTPLUG: 'y', NR_CPUS_DEFAULT: '8192' });
    // No collector takes the kernel's file.
    expect(machine.unknown?.map(({ fact }) => fact)).toEqual(['purgatory']);
  });

  it('finds text and linear map in the headers of kcore', () => {
    expect(machine.crash).toEqual({
      notes: [rangeOf(0x7fc3_d800n, 368n), rangeOf(0x7fd3_d800n, 368n)],
      vmcoreinfo: rangeOf(0x184_c000n, 0x1024n),
      text: { ...rangeOf(0x1500_0000n, 0x2c3_0000n), virtual: 0xffff_ffff_8160_0000n },
      linearMap: { physical: 0n, virtual: 0xffff_8d7e_0000_0000n },
    });
  });

  it('boots without a device tree', () => {
    expect(findRunningMemory(machine).unknown).toEqual([]);
    expect(readBootTree(machine)).toBeUndefined();
    expect(findMachineArchitecture(machine).describe(machine)).toMatchObject({ e820: '9 entries' });
  });
});

describe('an x86_64 machine under OVMF', () => {
  const machine = recordX86('x86-64-ovmf');

  it('hands on what its firmware has', () => {
    expect(machine.x86.efiHandOver).toMatchObject({
      firmwareVendor: 0x7f52_aa18n,
      configTable: 0x7f5e_bc98n,
      smbios: 0x7f52_0000n,
      rsdp: 0x7f77_d014n,
    });
    expect(machine.x86.efiHandOver?.runtimeMap).toHaveLength(7);
    expect(machine.x86.efiHandOver?.runtimeMap[0]).toEqual({
      type: 11,
      physical: 0xffc0_0000n,
      virtual: 0xffff_fffe_ffc0_0000n,
      pages: 0x400n,
      attribute: 0x8000_0000_0000_0001n,
    });
  });

  it('says in its boot parameters that Secure Boot is off', () => {
    expect(readStubSecureBoot(machine)).toBe(false);
    expect(readStubSecureBoot(recordX86('x86-64-ovmf', { 'boot-params': undefined }))).toBeUndefined();
  });

  it('has RAM that ends within a page', () => {
    expect(machine.memory).toContainEqual({ start: 0x90_0000n, end: 0x7d7f_9018n });
  });

  it('has what the firmware reserves, of every type', () => {
    expect(machine.x86.e820).toContainEqual({ range: rangeOf(0x80_6000n, 0x2000n), type: E820_NVS });
    expect(machine.x86.resources).toContainEqual({
      name: 'ACPI Tables',
      range: { start: 0x7f76_c000n, end: 0x7f77_e000n },
    });
  });
});

describe("what an x86_64 machine's ACPI tables say", () => {
  const tables = (files: Collected) =>
    recordX86('x86-64-seabios', {
      'acpi-tables': '/sys/firmware/acpi/tables/FACP\n/sys/firmware/acpi/tables/SPCR\n',
      ...files,
    });

  it('is the reset register, of memory, ports or PCI configuration space', () => {
    const resetOf = (fadt: Uint8Array) => tables({ 'acpi-FACP': fadt }).x86.resetRegister;
    expect(resetOf(Q35_FADT)).toEqual({ space: 'port', address: 0xcf9n, value: 0x0f });
    expect(resetOf(PC_FADT)).toBeUndefined();
    expect(resetOf(buildFadt({ reset: { space: 0, address: 0xfed0_0000n, value: 6 } }))).toEqual({
      space: 'memory',
      address: 0xfed0_0000n,
      value: 6,
    });
    expect(resetOf(buildFadt({ reset: { space: 2, address: 0x1f_0000_0044n } }))?.space).toBe('pci');
    expect(resetOf(buildFadt({ reset: { space: 3 } }))).toBeUndefined();
    expect(recordX86('x86-64-seabios').x86.resetRegister).toBeUndefined();
  });

  it('is unknown if the table is broken', () => {
    const { x86, unknown } = tables({ 'acpi-FACP': Q35_FADT.subarray(0, 130) });
    expect(x86.resetRegister).toBeUndefined();
    expect(unknown).toContainEqual({
      fact: 'acpi-FACP',
      reason: expect.stringContaining('its length is 244 in a file of 130 bytes'),
    });
  });

  it('is the console, at a port, too', () => {
    const spcr = buildSpcr({ type: 0, space: 1, access: 1, address: 0x3f8n, baudCode: 7 });
    const machine = tables({ 'acpi-FACP': Q35_FADT, 'acpi-SPCR': spcr });
    const console = { type: '16550', space: 'port', address: 0x3f8n, accessBits: 8, baud: 115200 };
    expect(machine.acpi).toEqual({ tables: ['FACP', 'SPCR'], console });
    expect(parseMachine(formatMachine(machine))).toEqual(machine);
    expect(findMachineArchitecture(machine).describe(machine)).toMatchObject({
      resetRegister: 'port 0xcf9, value 0xf',
    });
  });
});

describe('what was collected on an x86_64 machine', () => {
  const unknownOf = (changes: Collected) =>
    recordX86('x86-64-ovmf', changes).unknown?.flatMap(({ fact }) => (fact === 'purgatory' ? [] : [fact]));

  it('is recognised without the name of the architecture', () => {
    const architectureOf = (changes: Collected) =>
      recordMachine('server', { ...readX86Files('x86-64-ovmf'), ...changes }).architecture;
    expect(architectureOf({ arch: undefined })).toBe('x86_64');
    expect(architectureOf({ arch: undefined, config: undefined })).toBe('x86_64');
    expect(architectureOf({ arch: undefined, 'boot-params': undefined, memmap: undefined })).toBe('x86_64');
  });

  it('may lack the files that only x86_64 has: they are unknown by name', () => {
    expect(unknownOf({ memmap: undefined, 'boot-params': undefined, 'kcore-headers': undefined })).toEqual([
      'memmap',
      'boot-params',
      'kcore-headers',
    ]);
    const { crash, x86 } = recordX86('x86-64-ovmf', { memmap: undefined, 'kcore-headers': undefined });
    expect([crash, x86.e820]).toEqual([undefined, undefined]);
  });

  it('does not miss the files that only arm64 has', () => {
    const files = readX86Files('x86-64-ovmf');
    const unknown = [
      { fact: 'fdt', reason: 'not found' },
      { fact: 'efivar-db', reason: 'not found' },
    ];
    expect(recordMachine('server', files, unknown).unknown?.map(({ fact }) => fact)).toEqual([
      'efivar-db',
      'purgatory',
    ]);
  });

  it.each<readonly [keyof Collected, string | Uint8Array]>([
    ['memmap', '0 0x0 0xfff\n'],
    ['memmap', '0 0x1000 0xffe System RAM\n'],
    ['memmap', '0 0x1000 0xfff System RAM\n'],
    ['memmap', '0 0x0 0xffffffffffffffff1 System RAM\n'],
    ['memmap', '0 0x0 0xfff Unknown E820 type\n'],
    ['boot-params', new Uint8Array(4095)],
    ['kcore-headers', new Uint8Array(63)],
    ['kcore-headers', new Uint8Array(64)],
    ['efi-runtime-map', '0 0xb 0xffc00000 0xfffffffeffc00000 0x400\n'],
    ['efi-runtime-map', '0 0x1000000000 0x0 0x0 0x400 0x0\n'],
    ['crash-elfcorehdr-size', '-1\n'],
    ['crash-cma-ranges', '76c00000..7ebfffff\n'],
  ])('may have a broken %s, which decides nothing', (fact, content) => {
    expect(unknownOf({ [fact]: content })).toEqual([fact]);
  });

  it('is refused without RAM', () => {
    const refusal = catchRefusal(() => recordX86('x86-64-ovmf', { iomem: undefined }));
    expect(refusal).toMatchObject({ check: 'machine-facts', errno: 'EINVAL' });
  });

  it('may be of a kernel that was plugged more memory, which the next kernel does not get', () => {
    const { memmap = '' } = readX86Files('x86-64-ovmf');
    const plugged = `${memmap}17 0x1c0000000 0x1ffffffff System RAM\n`;
    expect(recordX86('x86-64-ovmf', { memmap: plugged }).x86.e820).toHaveLength(17);
    // Without the boot loader's map, none is left out.
    const withoutTable = { memmap: plugged, 'boot-params': new Uint8Array(4096) };
    expect(recordX86('x86-64-ovmf', withoutTable).x86.e820).toHaveLength(18);
  });

  it('may be of a kernel that keeps memblock, where it searches', () => {
    const { x86 } = recordX86('x86-64-ovmf', {
      'memblock-memory': '   0: 0x0000000000001000..0x000000000009ffff    0 NONE\n',
      'memblock-reserved': '   0: 0x0000000000001000..0x0000000000001fff\n',
    });
    expect(x86.freeMemblock).toEqual([{ start: 0x2000n, end: 0xa_0000n }]);
  });

  it('may have areas of crashkernel=SIZE,cma', () => {
    const { crashCma } = recordX86('x86-64-ovmf', { 'crash-cma-ranges': '76c00000-7ebfffff\n' });
    expect(crashCma).toEqual([{ start: 0x76c0_0000n, end: 0x7ec0_0000n }]);
  });

  it('says by VMCOREINFO whether five levels are in use, else by the CPUs', () => {
    const { vmcoreinfo = '' } = readX86Files('x86-64-ovmf');
    const enabled = vmcoreinfo.replace('pgtable_l5_enabled)=0', 'pgtable_l5_enabled)=1');
    const levels = (changes: Collected) => recordX86('x86-64-ovmf', changes).x86.fiveLevels;
    expect(levels({ vmcoreinfo: enabled })).toBe(true);
    expect(levels({ vmcoreinfo: undefined, cpuinfo: 'flags\t\t: fpu la57 pdpe1gb\n' })).toBe(true);
    expect(levels({ vmcoreinfo: undefined, cpuinfo: undefined })).toBeUndefined();
  });
});
