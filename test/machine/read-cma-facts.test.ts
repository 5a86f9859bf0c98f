import { describe, expect, it } from 'vitest';
import { formatRange } from '../../src/base/range.js';
import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import { encodeRange, encodeString, encodeU32 } from '../../src/formats/fdt/values.js';
import { readCmaFacts } from '../../src/machine/read-cma-facts.js';
import { buildSmallDeviceTree, GIB, MIB } from '../support/machine.js';

const MEMINFO = 'MemTotal:        1000000 kB\nCmaTotal:          65536 kB\nCmaFree:           60000 kB\n';

/** A tree with a reserved-memory node for CMA. */
function treeWith(properties: readonly string[]) {
  const fdt = parseFdt(buildSmallDeviceTree());
  const reserved = addNode(fdt.root, 'reserved-memory');
  setProperty(fdt, reserved, '#address-cells', encodeU32(2));
  setProperty(fdt, reserved, '#size-cells', encodeU32(2));
  const node = addNode(reserved, 'linux,cma@7c000000');
  setProperty(fdt, node, 'compatible', encodeString('shared-dma-pool'));
  setProperty(fdt, node, 'reg', encodeRange({ address: 0x7c00_0000n, size: 64n * MIB }, 2, 2));
  for (const name of properties) setProperty(fdt, node, name, new Uint8Array(0));
  return fdt;
}

describe('readCmaFacts', () => {
  const bare = parseFdt(buildSmallDeviceTree());

  it('reads the size of all CMA areas, of a kernel that has CMA', () => {
    expect(readCmaFacts({ meminfo: MEMINFO }, bare)).toEqual({ total: 64n * MIB });
    expect(readCmaFacts({ meminfo: 'CmaTotal:              0 kB\n' }, bare)).toEqual({ total: 0n });
    expect(readCmaFacts({ meminfo: 'MemTotal:        1000000 kB\n' }, bare)).toBeUndefined();
    expect(readCmaFacts({}, bare)).toBeUndefined();
  });

  it('finds the default area in the device tree, which cma= overrides', () => {
    const tree = treeWith(['reusable', 'linux,cma-default']);
    const defaultArea = { start: 0x7c00_0000n, end: 2n * GIB };
    expect(readCmaFacts({ meminfo: MEMINFO }, tree)).toEqual({ total: 64n * MIB, defaultArea });
    expect(readCmaFacts({ meminfo: MEMINFO, cmdline: 'cma=32M' }, tree)).toEqual({ total: 64n * MIB });
  });

  it.each([
    ['cma=32M@0x60000000', '0x60000000..0x62000000'],
    ['cma=8M cma=0x2000000@1536M quiet', '0x60000000..0x62000000'],
    ['cma=32M@1536M-1568M', '0x60000000..0x62000000'],
    ['cma=32M@1G-2G', undefined],
    ['cma=32M', undefined],
    ['cma=32M@', undefined],
    ['cma=0@1G', undefined],
    ['cma=128M@1G', undefined],
    ['cma=32M@0xffffffffff000000', undefined],
  ])('finds it in %s, if that fixes its place and the kernel has as much', (cmdline, expected) => {
    const { defaultArea } = readCmaFacts({ meminfo: MEMINFO, cmdline }, bare) ?? {};
    expect(defaultArea && formatRange(defaultArea)).toBe(expected);
  });

  it.each([[['reusable']], [['linux,cma-default']], [['reusable', 'linux,cma-default', 'no-map']]])(
    'takes no node for it that has %j',
    (properties) => {
      expect(readCmaFacts({ meminfo: MEMINFO }, treeWith(properties))).not.toHaveProperty('defaultArea');
    },
  );
});
