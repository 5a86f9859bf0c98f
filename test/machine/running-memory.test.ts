import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../src/base/range.js';
import { addNode, addReservation, ensureNode, setProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import type { Fdt, FdtNode } from '../../src/formats/fdt/tree.js';
import { encodeString, encodeU32, encodeU64 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { findRunningMemory } from '../../src/machine/running-memory.js';
import { buildMachine, buildSmallDeviceTree, GIB, MIB, type TestFacts } from '../support/machine.js';

/** A machine whose small device tree is changed first. */
function machineWith(change: (fdt: Fdt, chosen: FdtNode) => void, facts: TestFacts = {}) {
  const fdt = parseFdt(buildSmallDeviceTree());
  change(fdt, ensureNode(fdt, '/chosen'));
  return buildMachine({ ...facts, arm64: { ...facts.arm64, deviceTree: writeFdt(fdt) } });
}

function setInitrd(fdt: Fdt, chosen: FdtNode): void {
  setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(GIB + 64n * MIB));
  setProperty(fdt, chosen, 'linux,initrd-end', encodeU32(0x4410_0001));
}

const INITRD = { start: GIB + 64n * MIB, end: 0x4410_1000n };

describe('findRunningMemory', () => {
  it('knows no place of a machine of which only memory is known', () => {
    expect(findRunningMemory(buildMachine())).toEqual({
      parts: [],
      reservations: [],
      unknown: ['kernel', 'dtb'],
      hasUefiMap: false,
    });
  });

  it('finds the kernel in iomem, or else in the crash facts', () => {
    const text = { ...rangeOf(GIB, MIB), virtual: 0n };
    const crash = { notes: [], vmcoreinfo: rangeOf(0n, 1n), text, linearMap: { physical: 0n, virtual: 0n } };
    const image = { code: rangeOf(GIB, MIB), data: rangeOf(GIB + 2n * MIB, 100n) };
    expect(findRunningMemory(buildMachine({ crash, kernelImage: image })).parts).toEqual([
      { part: 'kernel code', range: rangeOf(GIB, MIB) },
      { part: 'kernel data', range: rangeOf(GIB + 2n * MIB, 4096n) },
    ]);
    const { parts, unknown } = findRunningMemory(buildMachine({ crash }));
    expect(parts).toEqual([{ part: 'kernel', range: rangeOf(GIB, MIB) }]);
    expect(unknown).toEqual(['dtb']);
  });

  it.each([
    ['memblock says that it is reserved', { reserved: [rangeOf(GIB, GIB)] }, [INITRD]],
    ['memblock says that it was freed', {}, []],
    ['nothing but the device tree is known', { memorySource: 'device-tree' }, [INITRD]],
  ] as const)('the initrd of /chosen counts if %s', (_, facts, expected) => {
    const { parts, unknown } = findRunningMemory(machineWith(setInitrd, facts));
    expect(parts.map(({ range }) => range)).toEqual(expected);
    expect(unknown).toEqual(['kernel', 'dtb']);
  });

  it('does not know the initrd of UEFI, which /chosen does not name', () => {
    const machine = machineWith((fdt, chosen) =>
      setProperty(fdt, chosen, 'linux,uefi-mmap-start', encodeU64(GIB)),
    );
    expect(findRunningMemory(machine)).toMatchObject({
      unknown: ['kernel', 'initrd', 'dtb'],
      hasUefiMap: true,
    });
  });

  it.each([
    ['ends before it starts', encodeU64(GIB)],
    ['has three bytes', Uint8Array.of(1, 2, 3)],
  ])('ignores an initrd that %s', (_, end) => {
    const machine = machineWith((fdt, chosen) => {
      setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(2n * GIB));
      setProperty(fdt, chosen, 'linux,initrd-end', end);
    });
    expect(findRunningMemory(machine).parts).toEqual([]);
  });

  it('finds the device tree by its address, and the nodes of /reserved-memory by their names', () => {
    const machine = machineWith(
      (fdt) => {
        const parent = addNode(fdt.root, 'reserved-memory');
        setProperty(fdt, parent, '#address-cells', encodeU32(2));
        setProperty(fdt, parent, '#size-cells', encodeU32(2));
        const node = addNode(parent, 'tee@7ff00000');
        setProperty(fdt, node, 'reg', Uint8Array.from([...encodeU64(2n * GIB - MIB), ...encodeU64(MIB)]));
        const off = addNode(parent, 'off@0');
        setProperty(fdt, off, 'reg', Uint8Array.from([...encodeU64(GIB), ...encodeU64(MIB)]));
        setProperty(fdt, off, 'status', encodeString('disabled'));
        setProperty(fdt, addNode(parent, 'odd'), 'reg', Uint8Array.of(1));
        addReservation(fdt, GIB, MIB);
      },
      { reserved: [rangeOf(GIB, MIB)], arm64: { deviceTreeAddress: GIB + 8n } },
    );
    expect(findRunningMemory(machine)).toEqual({
      parts: [{ part: 'dtb', range: rangeOf(GIB, 4096n) }],
      reservations: [{ name: 'tee@7ff00000', range: rangeOf(2n * GIB - MIB, MIB) }],
      unknown: ['kernel'],
      hasUefiMap: false,
    });
  });
});
