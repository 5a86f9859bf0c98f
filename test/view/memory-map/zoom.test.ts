import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, containsAddress, type Range, rangeOf, size } from '../../../src/base/range.js';
import { GIB, MIB } from '../../../src/base/u64.js';
import { layoutMemoryMap } from '../../../src/view/memory-map/map-layout.js';
import { buildMemoryRows } from '../../../src/view/memory-map/map-rows.js';
import {
  clipMemoryRows,
  findAt,
  findWholeRange,
  moveRange,
  surroundRange,
  zoomRange,
} from '../../../src/view/memory-map/zoom.js';
import { anyMemory, virt } from './samples.js';

const ROWS = buildMemoryRows(virt.machine, virt.kimage);
const WHOLE = findWholeRange(ROWS) as Range;

describe('a part of a memory map', () => {
  it('has the rows within it, and says of how much a cut one is a part', () => {
    const rows = clipMemoryRows(ROWS, rangeOf(0x4020_0000n + 26n * MIB, 2n * MIB));
    expect(rows.map(({ range, segment, note }) => [segment, range.start, size(range), note])).toEqual([
      ['kernel', 0x4020_0000n + 26n * MIB, MIB, 'a part of 27 MiB'],
      ['initrd', 0x4020_0000n + 27n * MIB, MIB, 'a part of 2 MiB'],
    ]);
    expect(clipMemoryRows(ROWS, WHOLE)).toEqual(ROWS);
  });

  it('is halved around an address, and doubled up to the whole', () => {
    expect(WHOLE).toEqual(rangeOf(GIB, 2n * GIB));
    const closer = zoomRange(WHOLE, { isCloser: true, at: GIB + GIB / 2n, whole: WHOLE });
    expect(closer).toEqual(rangeOf(GIB + GIB / 4n, GIB));
    expect(zoomRange(closer, { isCloser: false, at: GIB + GIB / 2n, whole: WHOLE })).toEqual(WHOLE);
    expect(moveRange(closer, true, WHOLE)).toEqual(rangeOf(GIB + (3n * GIB) / 4n, GIB));
    expect(moveRange(closer, false, WHOLE)).toEqual(rangeOf(GIB, GIB));
  });

  it('surrounds a segment, by whole pages', () => {
    const shown = surroundRange(rangeOf(0x6000_0000n, 32n * MIB), WHOLE);
    expect(shown).toEqual(rangeOf(0x6000_0000n - 16n * MIB, 64n * MIB));
    expect(size(surroundRange(rangeOf(0x6000_0000n, 4096n), WHOLE))).toBe(0x1_1000n);
  });

  it('stays within any map, and every point of its picture has an address in it', () => {
    const action = fc.record({ kind: fc.constantFrom('closer', 'farther', 'up', 'down'), y: fc.nat(100) });
    fc.assert(
      fc.property(anyMemory, fc.array(action, { maxLength: 12 }), ({ machine, kimage }, actions) => {
        const rows = buildMemoryRows(machine, kimage);
        const whole = findWholeRange(rows);
        if (whole === undefined) return;
        let shown = whole;
        for (const { kind, y } of actions) {
          const layout = layoutMemoryMap(clipMemoryRows(rows, shown));
          const { box } = layout.bars[0] ?? { box: { x: 0, y: 0, width: 0, height: 0 } };
          const found = findAt(layout, box.x + 1, box.y + (box.height * y) / 101);
          expect(found).toBeDefined();
          const { address = 0n, part } = found ?? {};
          expect(containsAddress(shown, address)).toBe(true);
          expect(part !== undefined && contains(shown, part)).toBe(true);
          const isCloser = kind === 'closer';
          shown =
            isCloser || kind === 'farther'
              ? zoomRange(shown, { isCloser, at: address, whole })
              : moveRange(shown, kind === 'up', whole);
          expect(contains(whole, shown) && size(shown) > 0n).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});
