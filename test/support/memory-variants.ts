/** Device trees that describe memory in odd ways, within the 4 GiB from 1 GiB on. */
import type { Block, MemoryNode } from './board.js';
import { GIB, MIB } from './machine.js';

/** What a device tree says about memory. */
export interface MemoryVariant {
  readonly nodes: readonly MemoryNode[];
  /** /chosen's `linux,usable-memory-range`. */
  readonly usableRange?: readonly Block[];
  /** Of the kernel's command line. */
  readonly parameters?: string;
}

const LOW: MemoryNode = { reg: [[GIB, GIB]] };

/** By what is odd about them. */
export const MEMORY_VARIANTS: readonly (readonly [string, MemoryVariant])[] = [
  ['one node', { nodes: [LOW] }],
  ['a disabled node', { nodes: [LOW, { reg: [[3n * GIB, GIB]], status: 'disabled' }] }],
  [
    'a reserved, a failed and an okay node',
    {
      nodes: [
        LOW,
        { reg: [[2n * GIB, 512n * MIB]], status: 'reserved' },
        { reg: [[3n * GIB, 512n * MIB]], status: 'fail' },
        { reg: [[4n * GIB, 512n * MIB]], status: 'okay' },
      ],
    },
  ],
  [
    'nodes that overlap and touch',
    {
      nodes: [
        { reg: [[GIB, GIB]] },
        { reg: [[GIB + 512n * MIB, GIB]] },
        { reg: [[2n * GIB + 512n * MIB, GIB]] },
      ],
    },
  ],
  [
    'nodes in the wrong order, with empty entries',
    {
      nodes: [
        {
          reg: [
            [3n * GIB, GIB],
            [0n, 0n],
          ],
        },
        { reg: [[GIB, 512n * MIB]] },
      ],
    },
  ],
  ['linux,usable-memory', { nodes: [{ reg: [[GIB, 4n * GIB]], usable: [[GIB, 768n * MIB]] }] }],
  ['ends within pages', { nodes: [{ reg: [[GIB, GIB - 1n]] }, { reg: [[3n * GIB + 1n, GIB]] }] }],
  ['less than a page', { nodes: [LOW, { reg: [[3n * GIB + 1n, 0x1000n]] }] }],
  [
    'a hot-pluggable node that touches',
    {
      nodes: [LOW, { reg: [[2n * GIB, GIB]], isHotpluggable: true }],
    },
  ],
  [
    'touching NUMA nodes',
    {
      nodes: [
        { ...LOW, numaNode: 0 },
        { reg: [[2n * GIB, GIB]], numaNode: 1 },
      ],
    },
  ],
  ['NUMA nodes, one of them without a number', { nodes: [LOW, { reg: [[2n * GIB, GIB]], numaNode: 1 }] }],
  ['memory beyond the linear map', { nodes: [LOW, { reg: [[1n << 50n, GIB]] }] }],
  ['an end beyond 64 bits', { nodes: [LOW, { reg: [[1n << 63n, 0xffff_ffff_ffff_ffffn]] }] }],
  [
    'linux,usable-memory-range',
    {
      nodes: [{ reg: [[GIB, 4n * GIB]] }],
      usableRange: [
        [GIB, 512n * MIB],
        [3n * GIB, 256n * MIB],
      ],
    },
  ],
  ['an incomplete entry', { nodes: [{ reg: [[GIB, GIB]], tail: 8 }] }],
  [
    'mem=',
    {
      nodes: [
        {
          reg: [
            [GIB, GIB],
            [3n * GIB, GIB],
          ],
        },
      ],
      parameters: 'mem=1536M',
    },
  ],
  [
    'NUMA nodes that overlap',
    {
      nodes: [
        { reg: [[GIB, GIB]], numaNode: 0 },
        { reg: [[GIB + 512n * MIB, GIB]], numaNode: 1 },
      ],
    },
  ],
  [
    'NUMA nodes with numa=off',
    {
      nodes: [
        { ...LOW, numaNode: 0 },
        { reg: [[2n * GIB, GIB]], numaNode: 1 },
      ],
      parameters: 'numa=off',
    },
  ],
  ['a second mem=', { nodes: [{ reg: [[GIB, 2n * GIB]] }], parameters: 'mem=64M mem=0x30000000' }],
  [
    'a node that touches a disabled one',
    { nodes: [LOW, { reg: [[2n * GIB, GIB]], status: 'disabled' }, { reg: [[3n * GIB, GIB]] }] },
  ],
  ['an empty linux,usable-memory-range', { nodes: [LOW], usableRange: [[GIB, 0n]] }],
];
