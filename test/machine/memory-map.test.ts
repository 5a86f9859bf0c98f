import { describe, expect, it } from 'vitest';
import { formatRange } from '../../src/base/range.js';
import { findDumpedRanges } from '../../src/crash/elfcorehdr.js';
import { findFreeRanges } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { type Collected, recordMachine } from '../../src/machine/record.js';
import { buildMemoryRows } from '../../src/view/memory-map/map-rows.js';
import { buildBoard } from '../support/board.js';
import { GIB } from '../support/machine.js';

const NONE = '   0: 0x0000000040000000..0x000000007fffffff    0 NONE\n';
const OLD = '   0: 0x0000000040000000..0x000000007fffffff\n   1: 0x0000000100000000..0x000000017fffffff\n';
const RESERVED = '   0: 0x0000000040200000..0x0000000041ffffff    x NONE\n';
const RAM = '40000000-7fffffff : System RAM\n  40200000-41ffffff : Kernel code\n';

function record(collected: Collected): Machine {
  return recordMachine('m', { fdt: buildBoard({ nodes: [] }), ...collected });
}

const BELOW = ['0x40000000..0x40200000', '0x42000000..0x80000000'];

describe('readMemoryMap', () => {
  it.each<[string, Collected, readonly string[], readonly string[]]>([
    [
      'memblock: DRV_MNG',
      {
        'memblock-memory': `${NONE}   1: 0x0000000100000000..0x000000017fffffff    0 DRV_MNG\n`,
        'memblock-reserved': RESERVED,
      },
      BELOW,
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
    [
      'memblock: DRV_MNG below the rest',
      {
        'memblock-memory':
          '   0: 0x0000000000000000..0x000000003fffffff    0 DRV_MNG\n   1: 0x0000000040000000..0x000000007fffffff    0 NONE\n',
        'memblock-reserved': RESERVED,
      },
      BELOW,
      ['0x0..0x40000000', '0x40000000..0x80000000'],
    ],
    [
      'memblock: NOMAP is neither',
      {
        'memblock-memory': `${NONE}   1: 0x0000000100000000..0x000000017fffffff    0 NOMAP\n`,
        'memblock-reserved': RESERVED,
      },
      BELOW,
      ['0x40000000..0x80000000'],
    ],
    [
      'memblock: HOTPLUG is RAM like any other',
      {
        'memblock-memory': `${NONE}   1: 0x0000000100000000..0x000000017fffffff    0 HOTPLUG\n`,
        'memblock-reserved': RESERVED,
      },
      [...BELOW, '0x100000000..0x180000000'],
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
    [
      'memblock: HOTPLUG hides DRV_MNG and NOMAP, and iomem tells',
      {
        'memblock-memory': `${NONE}   1: 0x0000000100000000..0x000000013fffffff    0 HOTPLUG\n   2: 0x0000000140000000..0x000000017fffffff    0 MIRROR\n`,
        'memblock-reserved': RESERVED,
        iomem: `${RAM}100000000-13fffffff : System RAM (kmem)\n140000000-17fffffff : reserved\n`,
      },
      BELOW,
      ['0x40000000..0x80000000', '0x100000000..0x140000000'],
    ],
    [
      'memblock: HOTPLUG under movable_node',
      {
        cmdline: 'quiet movable_node\n',
        'memblock-memory': `${NONE}   1: 0x0000000100000000..0x000000017fffffff    0 HOTPLUG\n`,
        'memblock-reserved': RESERVED,
      },
      BELOW,
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
    [
      'memblock of a kernel that prints no flags, and iomem: kmem',
      {
        'memblock-memory': OLD,
        'memblock-reserved': RESERVED,
        iomem: `${RAM}100000000-17fffffff : dax0.0\n  100000000-17fffffff : System RAM (kmem)\n`,
      },
      BELOW,
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
    [
      'memblock of a kernel that prints no flags, and iomem: memory that is not mapped',
      {
        'memblock-memory': OLD,
        'memblock-reserved': RESERVED,
        iomem: `${RAM}100000000-17fffffff : reserved\n`,
      },
      BELOW,
      ['0x40000000..0x80000000'],
    ],
    [
      'iomem: virtio-mem',
      { iomem: `${RAM}100000000-17fffffff : System RAM (virtio_mem)\n` },
      BELOW,
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
    [
      'iomem: kmem below a CXL window',
      {
        iomem: `${RAM}100000000-1ffffffff : CXL Window 0\n  100000000-17fffffff : region0\n    100000000-17fffffff : dax0.0\n      100000000-17fffffff : System RAM (kmem)\n`,
      },
      BELOW,
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
    [
      'iomem: RAM below a CXL window, and hot-plugged RAM',
      {
        iomem: `${RAM}100000000-1ffffffff : CXL Window 0\n  100000000-17fffffff : System RAM\n    100000000-100ffffff : reserved\n200000000-23fffffff : System RAM\n`,
      },
      [...BELOW, '0x101000000..0x180000000', '0x200000000..0x240000000'],
      ['0x40000000..0x80000000', '0x100000000..0x180000000', '0x200000000..0x240000000'],
    ],
    [
      'iomem: a name that only resembles RAM',
      { iomem: `${RAM}100000000-17fffffff : System RAM bank\n` },
      BELOW,
      ['0x40000000..0x80000000'],
    ],
  ])('%s', (_, collected, free, dumped) => {
    const machine = record(collected);
    expect(findFreeRanges(machine).map(formatRange)).toEqual(free);
    expect(findDumpedRanges(machine).map(formatRange)).toEqual(dumped);
  });

  it('reserves what the device tree calls hot-pluggable, under movable_node', () => {
    const fdt = buildBoard({ nodes: [{ reg: [[GIB, GIB]], isHotpluggable: true }] });
    expect(findFreeRanges(record({ fdt, iomem: RAM })).map(formatRange)).toEqual(BELOW);
    expect(findFreeRanges(record({ fdt, iomem: RAM, cmdline: 'movable_node' }))).toEqual([]);
  });

  it('shows driver-managed memory on the memory map', () => {
    const machine = record({ iomem: `${RAM}100000000-17fffffff : System RAM (kmem)\n` });
    expect(buildMemoryRows(machine).at(-1)).toEqual({
      range: { start: 4n * GIB, end: 6n * GIB },
      ground: 'driver-managed',
    });
  });
});
