import { describe, expect, it } from 'vitest';
import { addNode, addReservation, setProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import { encodeString, encodeU64 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { findFreeRanges, measureUsableRam } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { recordMachine } from '../../src/machine/record.js';
import { asArm64, buildSmallDeviceTree, GIB, MIB } from '../support/machine.js';

const IOMEM = `40000000-7fffffff : System RAM
  40200000-41beffff : Kernel code
  50000000-57ffffff : Crash kernel
100000000-13fffffff : System RAM
  110000000-12fffffff : Crash kernel
`;

const MEMBLOCK_MEMORY = `   0: 0x0000000040000000..0x000000007fffffff    0 NONE
   1: 0x0000000080000000..0x00000000800fffff    0 NOMAP
   2: 0x0000000100000000..0x000000013fffffff    1 NONE
`;
const MEMBLOCK_RESERVED = '   0: 0x0000000040200000..0x0000000041beffff    x NONE\n';

const CPUINFO = `processor	: 0
CPU implementer	: 0x41
CPU part	: 0xd07

processor	: 1
CPU implementer	: 0x41
CPU part	: 0xd0c
`;

/** A board's device tree: 1 GiB at 1 GiB, and 1 MiB of it set aside in either way. */
function boardTree(): Uint8Array {
  const fdt = parseFdt(buildSmallDeviceTree());
  const memory = addNode(fdt.root, 'memory@40000000');
  setProperty(fdt, memory, 'device_type', encodeString('memory'));
  setProperty(fdt, memory, 'reg', Uint8Array.from([...encodeU64(GIB), ...encodeU64(GIB)]));
  const reserved = addNode(fdt.root, 'reserved-memory');
  setProperty(fdt, reserved, '#address-cells', Uint8Array.of(0, 0, 0, 2));
  setProperty(fdt, reserved, '#size-cells', Uint8Array.of(0, 0, 0, 2));
  const firmware = addNode(reserved, 'firmware@7ff00000');
  setProperty(fdt, firmware, 'reg', Uint8Array.from([...encodeU64(2n * GIB - MIB), ...encodeU64(MIB)]));
  addReservation(fdt, GIB, MIB);
  return writeFdt(fdt);
}

/** All that is known of a machine's CPUs. */
function cpuFacts(machine: Machine) {
  const { possibleCpus, arm64 } = asArm64(machine);
  const { deviceTree: _, ...facts } = arm64;
  return { ...facts, ...(possibleCpus === undefined ? {} : { possibleCpus }) };
}

describe('recordMachine', () => {
  it("uses memblock's own lists if they were collected, less the ranges that the walk skips", () => {
    const machine = recordMachine('server', {
      fdt: boardTree(),
      iomem: IOMEM,
      'memblock-memory': MEMBLOCK_MEMORY,
      'memblock-reserved': MEMBLOCK_RESERVED,
    });
    expect(machine.memorySource).toBe('memblock');
    expect(machine.memory).toEqual([
      { start: GIB, end: 2n * GIB },
      { start: 4n * GIB, end: 5n * GIB },
    ]);
    expect(findFreeRanges(machine)).toEqual([
      { start: GIB, end: 0x4020_0000n },
      { start: 0x41bf_0000n, end: 2n * GIB },
      { start: 4n * GIB, end: 5n * GIB },
    ]);
    expect(machine.crashRegion).toEqual({
      high: { start: 0x1_1000_0000n, end: 0x1_3000_0000n },
      low: { start: 0x5000_0000n, end: 0x5800_0000n },
    });
    expect(machine.kernelImage).toEqual({ code: { start: 0x4020_0000n, end: 0x41bf_0000n } });
  });

  it('takes MemTotal of /proc/meminfo for the total of RAM', () => {
    const meminfo = 'MemTotal:         752696 kB\nMemFree:          738936 kB\n';
    const machine = recordMachine('server', { fdt: boardTree(), iomem: IOMEM, meminfo });
    expect(measureUsableRam(machine)).toBe(752696n * 1024n);

    const without = recordMachine('server', { fdt: boardTree(), iomem: IOMEM, meminfo: 'MemFree: 1 kB\n' });
    expect(without.totalRam).toBeUndefined();
    expect(measureUsableRam(without)).toBe(2n * GIB - 0x19f_0000n - 0x2800_0000n);
  });

  it('uses iomem if memblock was not collected', () => {
    const machine = recordMachine('server', { fdt: boardTree(), iomem: IOMEM, cmdline: 'quiet\n' });
    expect(machine.memorySource).toBe('iomem');
    expect(machine.reserved).toHaveLength(3);
    expect(machine.commandLine).toBe('quiet');
  });

  it('uses the device tree if there is nothing else', () => {
    const machine = recordMachine('board', { fdt: boardTree() });
    expect(machine.memorySource).toBe('device-tree');
    expect(findFreeRanges(machine)).toEqual([{ start: GIB + MIB, end: 2n * GIB - MIB }]);
    expect(machine.crashRegion).toBeUndefined();
    expect(cpuFacts(machine)).toEqual({});
  });

  it('knows the abilities that all CPUs have', () => {
    const machine = recordMachine('board', { fdt: boardTree(), cpuinfo: CPUINFO });
    expect(cpuFacts(machine)).toEqual({ granules: [4096, 65536], mixedEndian: true });
    const unknown = recordMachine('board', { fdt: boardTree(), cpuinfo: CPUINFO.replace('0xd0c', '0xfff') });
    expect(cpuFacts(unknown)).toEqual({});
  });

  it('knows how CPUs are brought up, and the number that is possible', () => {
    const fdt = parseFdt(boardTree());
    const cpus = addNode(fdt.root, 'cpus');
    addNode(cpus, 'cpu-map');
    for (const [name, method] of [
      ['cpu@1', 'spin-table'],
      ['cpu@0', 'psci'],
      ['cpu@2', 'psci'],
    ] as const) {
      setProperty(fdt, addNode(cpus, name), 'enable-method', encodeString(method));
    }
    const blob = writeFdt(fdt);
    expect(cpuFacts(recordMachine('board', { fdt: blob }))).toEqual({
      enableMethods: ['psci', 'spin-table'],
      possibleCpus: 3,
    });
    expect(recordMachine('board', { fdt: blob, 'cpu-possible': '0-3,6,8-9\n' }).possibleCpus).toBe(7);
    expect(() => recordMachine('board', { fdt: blob, 'cpu-possible': '0-\n' })).toThrow(
      expect.objectContaining({ check: 'machine-text' }),
    );
  });

  it('uses the device tree if iomem was read without the right to see addresses', () => {
    const iomem = IOMEM.replace(/^( *)[0-9a-f]+-[0-9a-f]+/gm, '$100000000-00000000');
    const machine = recordMachine('board', { fdt: boardTree(), iomem }, [{ fact: 'config', reason: 'lost' }]);
    expect(machine.memorySource).toBe('device-tree');
    expect(machine.unknown).toEqual([
      { fact: 'config', reason: 'lost' },
      { fact: 'iomem', reason: 'all its addresses are 0: read it as root' },
    ]);
    expect(() => recordMachine('server', { fdt: buildSmallDeviceTree(), iomem })).toThrow(
      expect.objectContaining({
        check: 'machine-facts',
        message: expect.stringContaining('(all its addresses are 0: read it as root)'),
      }),
    );
  });

  it.each([
    [{ config: '# CONFIG_ARM64_4K_PAGES is not set\nCONFIG_ARM64_64K_PAGES=y\n' }, 65536],
    [{ vmcoreinfo: 'OSRELEASE=6.12.0\nPAGESIZE=16384\n' }, 16384],
    [{}, 4096],
  ])('knows the page size from %j', (collected, pageSize) => {
    expect(recordMachine('board', { fdt: boardTree(), ...collected }).pageSize).toBe(pageSize);
  });

  it('refuses a machine without a device tree or RAM', () => {
    const refusal = expect.objectContaining({ check: 'machine-facts', errno: 'EINVAL' });
    expect(() => recordMachine('server', { iomem: IOMEM })).toThrow(refusal);
    expect(() => recordMachine('server', { fdt: buildSmallDeviceTree() })).toThrow(refusal);
    expect(() => recordMachine('server', { fdt: boardTree(), iomem: '0-fff : ROM' })).toThrow(refusal);
  });
});
