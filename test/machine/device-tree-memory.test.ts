import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areInOrder, formatRange, totalSize } from '../../src/base/range.js';
import { readDeviceTreeMap } from '../../src/machine/arm64/device-tree-map.js';
import { findHotpluggable, findMemory } from '../../src/machine/device-tree-memory.js';
import { findFreeRanges, listRam } from '../../src/machine/machine-facts.js';
import { recordMachine } from '../../src/machine/record.js';
import { buildBoard, buildBoardTree, type MemoryNode } from '../support/board.js';
import { GIB, MIB } from '../support/machine.js';

function readMemory(nodes: readonly MemoryNode[], pageSize?: number): string[] {
  return findMemory(buildBoardTree({ nodes }), pageSize).map(formatRange);
}

describe('findMemory', () => {
  it.each<[string, readonly MemoryNode[], readonly string[]]>([
    ['one node', [{ reg: [[GIB, GIB]] }], ['0x40000000..0x80000000']],
    ['nodes that touch', [{ reg: [[2n * GIB, GIB]] }, { reg: [[GIB, GIB]] }], ['0x40000000..0xc0000000']],
    [
      'nodes that overlap',
      [{ reg: [[GIB, 2n * GIB]] }, { reg: [[2n * GIB, 2n * GIB]] }],
      ['0x40000000..0x100000000'],
    ],
    [
      'a node within another',
      [{ reg: [[GIB, 4n * GIB]] }, { reg: [[2n * GIB, GIB]] }],
      ['0x40000000..0x140000000'],
    ],
    ['the same node twice', [{ reg: [[GIB, GIB]] }, { reg: [[GIB, GIB]] }], ['0x40000000..0x80000000']],
    [
      'an empty entry',
      [
        {
          reg: [
            [0n, 0n],
            [GIB, GIB],
            [5n * GIB, 0n],
          ],
        },
      ],
      ['0x40000000..0x80000000'],
    ],
    [
      'status disabled',
      [{ reg: [[GIB, GIB]] }, { reg: [[4n * GIB, GIB]], status: 'disabled' }],
      ['0x40000000..0x80000000'],
    ],
    [
      'status reserved',
      [{ reg: [[GIB, GIB]] }, { reg: [[4n * GIB, GIB]], status: 'reserved' }],
      ['0x40000000..0x80000000'],
    ],
    [
      'status fail-sss',
      [{ reg: [[GIB, GIB]] }, { reg: [[4n * GIB, GIB]], status: 'fail-ecc' }],
      ['0x40000000..0x80000000'],
    ],
    ['status ok', [{ reg: [[GIB, GIB]], status: 'ok' }], ['0x40000000..0x80000000']],
    ['status okay', [{ reg: [[GIB, GIB]], status: 'okay' }], ['0x40000000..0x80000000']],
    [
      'linux,usable-memory in place of reg',
      [{ reg: [[GIB, 4n * GIB]], usable: [[2n * GIB, GIB]] }],
      ['0x80000000..0xc0000000'],
    ],
    [
      'an empty linux,usable-memory',
      [{ reg: [[GIB, GIB]] }, { reg: [[4n * GIB, GIB]], usable: [] }],
      ['0x40000000..0x80000000'],
    ],
    ['ends within pages', [{ reg: [[GIB + 1n, GIB]] }], ['0x40001000..0x80000000']],
    [
      'less than a page',
      [{ reg: [[GIB, GIB]] }, { reg: [[4n * GIB + 1n, 0x1000n]] }],
      ['0x40000000..0x80000000'],
    ],
    [
      'an end beyond 64 bits',
      [{ reg: [[GIB, 0xffff_ffff_ffff_ffffn]] }],
      ['0x40000000..0x10000000000000000'],
    ],
    [
      'touching NUMA nodes',
      [
        { reg: [[GIB, GIB]], numaNode: 0 },
        { reg: [[2n * GIB, GIB]], numaNode: 1 },
      ],
      ['0x40000000..0x80000000', '0x80000000..0xc0000000'],
    ],
    [
      'NUMA nodes, one of them without a number',
      [{ reg: [[GIB, GIB]], numaNode: 1 }, { reg: [[2n * GIB, GIB]] }],
      ['0x40000000..0xc0000000'],
    ],
    [
      'touching entries of one NUMA node',
      [
        {
          reg: [
            [GIB, GIB],
            [2n * GIB, GIB],
          ],
          numaNode: 1,
        },
      ],
      ['0x40000000..0xc0000000'],
    ],
    [
      'a hot-pluggable range that touches',
      [{ reg: [[GIB, GIB]] }, { reg: [[2n * GIB, GIB]], isHotpluggable: true }],
      ['0x40000000..0xc0000000'],
    ],
  ])('reads %s', (_, nodes, expected) => {
    expect(readMemory(nodes)).toEqual(expected);
  });

  it("keeps whole pages of the kernel's page size", () => {
    expect(readMemory([{ reg: [[GIB + 0x1000n, GIB]] }], 65536)).toEqual(['0x40010000..0x80000000']);
  });

  it('ignores an incomplete entry at the end of reg', () => {
    const tree = buildBoardTree({ nodes: [{ reg: [[GIB, GIB]], tail: 12 }] });
    expect(findMemory(tree).map(formatRange)).toEqual(['0x40000000..0x80000000']);
  });

  it.each<[string, readonly (readonly [bigint, bigint])[], readonly string[]]>([
    ['one range', [[0x5000_0000n, 256n * MIB]], ['0x50000000..0x60000000']],
    [
      'two',
      [
        [4n * GIB, GIB],
        [GIB, 128n * MIB],
      ],
      ['0x40000000..0x48000000', '0x100000000..0x140000000'],
    ],
    [
      'crash CMA ranges behind the crash regions, six ranges in all',
      [
        [4n * GIB, GIB],
        [GIB, 128n * MIB],
        [GIB + 512n * MIB, 64n * MIB],
        [GIB + 256n * MIB, 64n * MIB],
        [GIB + 128n * MIB, 64n * MIB],
        [5n * GIB, 64n * MIB],
        [5n * GIB + 512n * MIB, 64n * MIB],
      ],
      [
        '0x40000000..0x4c000000',
        '0x50000000..0x54000000',
        '0x60000000..0x64000000',
        '0x100000000..0x140000000',
        '0x140000000..0x144000000',
      ],
    ],
    ['a range outside of RAM', [[0x1000_0000n, MIB]], []],
    [
      'an empty range, which the kernel ignores',
      [[GIB, 0n]],
      ['0x40000000..0x80000000', '0x100000000..0x180000000'],
    ],
  ])("cuts a capture kernel's RAM to linux,usable-memory-range: %s", (_, usableRange, expected) => {
    const nodes = [
      {
        reg: [
          [GIB, GIB],
          [4n * GIB, 2n * GIB],
        ] as const,
      },
    ];
    expect(findMemory(buildBoardTree({ nodes, usableRange })).map(formatRange)).toEqual(expected);
  });

  it('gives ranges in order that cover each available byte once, for any nodes', () => {
    const range = fc.tuple(fc.bigInt(0n, 64n), fc.bigInt(0n, 32n));
    const node = fc.record(
      {
        reg: fc.array(range, { maxLength: 4 }),
        status: fc.constantFrom('okay', 'disabled', 'ok', ''),
        numaNode: fc.nat(2),
        isHotpluggable: fc.boolean(),
      },
      { requiredKeys: ['reg'] },
    );
    fc.assert(
      fc.property(fc.array(node, { maxLength: 8 }), (nodes) => {
        const pages = nodes.map((one) => ({
          ...one,
          reg: one.reg.map(([start, size]) => [start * 4096n, size * 4096n] as const),
        }));
        const memory = findMemory(buildBoardTree({ nodes: pages }));
        const wanted = pages
          .filter(({ status = 'ok' }) => status.startsWith('ok'))
          .flatMap(({ reg }) => reg.map(([start, size]) => ({ start, end: start + size })));
        expect(areInOrder(memory)).toBe(true);
        expect(totalSize(memory)).toBe(totalSize(wanted));
      }),
    );
  });
});

describe('readDeviceTreeMap', () => {
  const kernel = { pageSize: 4096, config: {} };
  const nodes = [{ reg: [[GIB, 3n * GIB]] as const }];

  it.each<[string, MemoryNode, Record<string, string>, readonly string[]]>([
    [
      'beyond 48 bits',
      {
        reg: [
          [GIB, GIB],
          [1n << 48n, GIB],
        ],
      },
      {},
      ['0x40000000..0x80000000'],
    ],
    [
      'beyond the physical addresses of the configuration',
      {
        reg: [
          [GIB, GIB],
          [1n << 36n, GIB],
        ],
      },
      { ARM64_PA_BITS: '36' },
      ['0x40000000..0x80000000'],
    ],
    [
      'beyond the linear map of 39 bits',
      {
        reg: [
          [GIB, GIB],
          [1n << 38n, 2n * GIB],
        ],
      },
      { ARM64_PA_BITS: '48', ARM64_VA_BITS: '39' },
      ['0x40000000..0x80000000', '0x4000000000..0x4040000000'],
    ],
  ])('drops RAM %s', (_, node, config, expected) => {
    const map = readDeviceTreeMap(buildBoardTree({ nodes: [node] }), { pageSize: 4096, config });
    expect(map.memory.map(formatRange)).toEqual(expected);
  });

  it.each([
    ['mem=1G', ['0x40000000..0x80000000']],
    ['quiet mem=0x20000000 splash', ['0x40000000..0x60000000']],
    ['mem=2G mem=512M', ['0x40000000..0x60000000']],
    ['"mem=1G"', ['0x40000000..0x80000000']],
    ['mem="1G"', ['0x40000000..0x80000000']],
    ['mem=64G', ['0x40000000..0x100000000']],
    ['mem=0 memory=1M', ['0x40000000..0x100000000']],
    ['-- mem=1G', ['0x40000000..0x100000000']],
  ])('keeps the RAM that the command line leaves: %s', (commandLine, expected) => {
    const map = readDeviceTreeMap(buildBoardTree({ nodes }), { ...kernel, commandLine });
    expect(map.memory.map(formatRange)).toEqual(expected);
    expect(
      readDeviceTreeMap(buildBoardTree({ nodes, bootargs: commandLine }), kernel).memory.map(formatRange),
    ).toEqual(expected);
  });

  it('reserves hot-pluggable RAM only under movable_node', () => {
    const fdt = buildBoardTree({
      nodes: [{ reg: [[GIB, GIB]] }, { reg: [[2n * GIB, GIB]], isHotpluggable: true }],
    });
    expect(findHotpluggable(fdt).map(formatRange)).toEqual(['0x80000000..0xc0000000']);
    expect(readDeviceTreeMap(fdt, kernel).reserved).toEqual([]);
    const { memory, reserved } = readDeviceTreeMap(fdt, { ...kernel, commandLine: 'movable_node' });
    expect(memory).toHaveLength(1);
    expect(reserved.map(formatRange)).toEqual(['0x80000000..0xc0000000']);
  });

  it("refuses a machine whose RAM is in UEFI's memory map, which the kernel reads in place of the tree's", () => {
    const fdt = buildBoard({ nodes, uefiMap: 0x1234n });
    expect(() => recordMachine('board', { fdt })).toThrow(
      expect.objectContaining({ check: 'machine-facts', seen: expect.stringContaining("UEFI's memory map") }),
    );
    const iomem = '40000000-7fffffff : System RAM\n';
    expect(recordMachine('board', { fdt, iomem }).memory.map(formatRange)).toEqual([
      '0x40000000..0x80000000',
    ]);
  });

  it('leaves disabled regions of /reserved-memory free, as the kernel does', () => {
    const regions = [{ range: [GIB, MIB] as const }, { range: [2n * GIB, MIB] as const, status: 'disabled' }];
    const machine = recordMachine('board', { fdt: buildBoard({ nodes, regions }) });
    expect(findFreeRanges(machine).map(formatRange)).toEqual(['0x40100000..0x100000000']);
    expect(listRam(machine)).toBe(machine.memory);
  });
});
