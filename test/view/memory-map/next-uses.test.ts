import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../src/base/range.js';
import { GIB, MIB } from '../../../src/base/u64.js';
import { addReservation, ensureNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeU64 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import type { Kimage } from '../../../src/kexec/kimage.js';
import { buildMemoryRows } from '../../../src/view/memory-map/map-rows.js';
import { buildMachine, buildSmallDeviceTree, type TestFacts } from '../../support/machine.js';

/** A device tree that reserves the MiB at 1 GiB + 8 MiB. */
function buildTree({ isUefi = false } = {}): Uint8Array {
  const fdt = parseFdt(buildSmallDeviceTree());
  addReservation(fdt, GIB + 8n * MIB, MIB);
  if (isUefi) setProperty(fdt, ensureNode(fdt, '/chosen'), 'linux,uefi-mmap-start', encodeU64(GIB));
  return writeFdt(fdt);
}

/** A kimage whose device tree is these bytes. */
function load(type: Kimage['type'], bytes: Uint8Array): Kimage {
  return { type, entry: 0n, segments: [{ name: 'dtb', bytes, mem: GIB + 32n * MIB, memsz: MIB }] };
}

const FACTS: TestFacts = {
  memory: [rangeOf(GIB, 64n * MIB)],
  reserved: [rangeOf(GIB, 4n * MIB), rangeOf(GIB + 8n * MIB, 2n * MIB), rangeOf(GIB + 32n * MIB, 4n * MIB)],
  kernelImage: { code: rangeOf(GIB, 4n * MIB) },
  crashRegion: { high: rangeOf(GIB + 32n * MIB, 4n * MIB) },
  driverManaged: [rangeOf(4n * GIB, GIB)],
};

function listUses(facts: TestFacts, kimage: Kimage): string[] {
  return buildMemoryRows(buildMachine(facts), kimage).map(
    ({ ground, running, segment, next }) => `${running ?? ground} > ${segment ?? next}`,
  );
}

describe('the memory of the next kernel', () => {
  const arm64 = { deviceTree: buildTree() };

  it('has what its device tree reserves, and all else that the running kernel had', () => {
    expect(listUses({ ...FACTS, arm64 }, load('default', buildTree()))).toEqual([
      'kernel code > freed',
      'free > free',
      'reserved > reserved',
      'reserved > freed',
      'free > free',
      'crash-high > dtb',
      'crash-high > freed',
      'free > free',
      'gap > gap',
      'driver-managed > driver-managed',
    ]);
  });

  it('has what the tree reserves on free memory, too', () => {
    const [, , reserved] = buildMemoryRows(
      buildMachine({ ...FACTS, reserved: [rangeOf(GIB, 4n * MIB)] }),
      load('default', buildTree()),
    );
    expect(reserved).toMatchObject({ range: rangeOf(GIB + 8n * MIB, MIB), ground: 'free', next: 'reserved' });
  });

  it.each([
    [
      'UEFI may have reserved some of it',
      buildTree({ isUefi: true }),
      buildTree({ isUefi: true }),
      'reserved',
    ],
    ['its device tree cannot be read', buildTree(), Uint8Array.of(1), 'unknown'],
  ])('is unknown where memory is taken and %s', (_, running, next, expected) => {
    const uses = listUses({ ...FACTS, arm64: { deviceTree: running } }, load('default', next));
    expect(uses).toEqual(
      expect.arrayContaining(['kernel code > freed', 'reserved > unknown', `reserved > ${expected}`]),
    );
    expect(uses).not.toContain('reserved > freed');
  });

  it('is the crash region for a capture kernel, and everything else stays as it was', () => {
    expect(listUses({ ...FACTS, arm64 }, load('crash', buildTree()))).toEqual([
      'kernel code > kept',
      'free > kept',
      'reserved > kept',
      'free > kept',
      'crash-high > dtb',
      'crash-high > free',
      'free > kept',
      'gap > gap',
      'driver-managed > kept',
    ]);
  });

  it('is not known without a load', () => {
    expect(buildMemoryRows(buildMachine(FACTS)).every(({ next }) => next === undefined)).toBe(true);
  });

  it('has no more rows for what a hostile tree reserves outside RAM, or many times', () => {
    const fdt = parseFdt(buildSmallDeviceTree());
    for (let index = 0n; index < 5000n; index += 1n) addReservation(fdt, index, (1n << 63n) - index);
    const deviceTree = writeFdt(fdt);
    const rows = buildMemoryRows(
      buildMachine({ ...FACTS, arm64: { deviceTree } }),
      load('default', deviceTree),
    );
    expect(rows.length).toBeLessThan(12);
    expect(rows[0]?.range.start).toBe(GIB);
  });
});
