import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf, size } from '../../../src/base/range.js';
import { MIB } from '../../../src/base/u64.js';
import type { Box } from '../../../src/view/memory-map/map-bar.js';
import { layoutMemoryMap, type MapLayout } from '../../../src/view/memory-map/map-layout.js';
import { buildMemoryRows } from '../../../src/view/memory-map/map-rows.js';
import { anyMemory, board, buildSampleMachine, buildSegment, type Memory, server, virt } from './samples.js';

/** In pixels. Boxes that touch may overlap by this: sums of fractions are not exact. */
const MAX_OVERLAP = 1e-3;

function overlap(a: Box, b: Box): boolean {
  return (
    a.x < b.x + b.width - MAX_OVERLAP &&
    b.x < a.x + a.width - MAX_OVERLAP &&
    a.y < b.y + b.height - MAX_OVERLAP &&
    b.y < a.y + a.height - MAX_OVERLAP
  );
}

/** Everything in the picture that must not overlap. */
function listBoxes({ bar, labels, brackets, legend, rule }: MapLayout): Box[] {
  const marked = [...bar, ...labels, ...brackets.map(({ label }) => label), ...legend];
  return [...marked.map(({ box }) => box), ...(rule === undefined ? [] : [rule.box])];
}

function expectApart(layout: MapLayout): void {
  const boxes = listBoxes(layout);
  for (const [index, box] of boxes.entries()) {
    expect(box.x >= 0 && box.x + box.width <= layout.width).toBe(true);
    expect(box.y >= 0 && box.y + box.height <= layout.height).toBe(true);
    expect(boxes.slice(0, index).filter((other) => overlap(box, other))).toEqual([]);
  }
}

function expectScale({ bar, rule }: MapLayout): void {
  const pixelsPerByte = (rule?.box.height ?? 0) / Number(rule?.bytes);
  for (const { line, box, scaling } of bar) {
    const trueHeight = Number(size(line.range)) * pixelsPerByte;
    if (scaling === 'to scale') expect(box.height / trueHeight).toBeCloseTo(1, 6);
    if (scaling === 'enlarged') expect(box.height).toBeGreaterThan(trueHeight);
    if (scaling === 'shortened') {
      expect(box.height).toBeLessThan(trueHeight);
      expect(line.segment).toBeUndefined();
    }
  }
}

function layoutMemory({ machine, kimage }: Memory): MapLayout {
  return layoutMemoryMap(buildMemoryRows(machine, kimage));
}

describe('layoutMemoryMap', () => {
  it('keeps everything inside the picture, without overlaps', () => {
    fc.assert(
      fc.property(anyMemory, (memory) => {
        expectApart(layoutMemory(memory));
      }),
    );
  });

  it('stacks the bar without holes, the highest address on top, each label pointing at the middle of its part', () => {
    fc.assert(
      fc.property(anyMemory, (memory) => {
        const { bar, labels } = layoutMemory(memory);
        expect(labels).toHaveLength(bar.length);
        for (const [index, { box, line }] of bar.entries()) {
          expect(labels[index]?.anchor).toBeCloseTo(box.y + box.height / 2, 6);
          expect(labels[index]?.name).toBe(line.what);
          const below = bar[index + 1];
          if (below === undefined) continue;
          expect(below.line.range.end).toBe(line.range.start);
          expect(below.box.y).toBeCloseTo(box.y + box.height, 6);
        }
      }),
    );
  });

  it('draws to scale all parts that it does not mark as enlarged or shortened', () => {
    fc.assert(
      fc.property(anyMemory, (memory) => {
        expectScale(layoutMemory(memory));
      }),
    );
  });

  it('shortens free memory if the kernel would be too thin to be seen, and enlarges parts that still are', () => {
    const { bar, brackets } = layoutMemory(virt);
    expect(bar.map(({ line, scaling }) => `${line.what} ${scaling}`)).toEqual([
      'reserved enlarged',
      'free enlarged',
      'dtb enlarged',
      'purgatory enlarged',
      'free shortened',
      'initrd to scale',
      'kernel to scale',
      'free enlarged',
      'reserved enlarged',
    ]);
    expect(brackets).toEqual([]);
  });

  it('draws a board with little memory without breaks', () => {
    const { bar } = layoutMemory(board);
    expect(bar.map(({ line, scaling }) => `${line.what} ${scaling}`)).toEqual([
      'reserved to scale',
      'free enlarged',
      'dtb enlarged',
      'free to scale',
      'initrd to scale',
      'kernel to scale',
      'reserved to scale',
    ]);
  });

  it('shortens the hole between two ranges of RAM if nothing is loaded', () => {
    const memory = [rangeOf(0n, 1024n * MIB), rangeOf(1n << 40n, 512n * MIB)];
    const { bar } = layoutMemoryMap(buildMemoryRows(buildSampleMachine({ memory })));
    expect(bar.map(({ scaling }) => scaling)).toEqual(['to scale', 'shortened', 'to scale']);
  });

  it('draws a bracket beside a crash region that segments divide', () => {
    const { bar, brackets } = layoutMemory(server);
    const inside = bar.filter(({ line }) => line.ground === 'crash-high');
    expect(inside).toHaveLength(7);
    expect(brackets).toEqual([
      expect.objectContaining({
        top: inside[0]?.box.y,
        label: expect.objectContaining({
          name: 'crash region',
          size: '512 MiB',
          range: '0xfc0000000..0xfe0000000',
        }),
      }),
    ]);
    expect(layoutMemoryMap(buildMemoryRows(server.machine)).brackets).toEqual([]);
  });

  it('keeps the labels of two brackets apart', () => {
    const [low, high] = [rangeOf(96n * MIB, 32n * MIB), rangeOf(128n * MIB, 32n * MIB)];
    const machine = buildSampleMachine({ memory: [rangeOf(0n, 4096n * MIB)], crashRegion: { high, low } });
    const segments = [buildSegment('dtb', 100n * MIB, MIB), buildSegment('kernel', 128n * MIB, MIB)];
    const layout = layoutMemoryMap(buildMemoryRows(machine, { type: 'crash', entry: 0n, segments }));
    expect(layout.brackets.map(({ label }) => label.name)).toEqual(['crash region', 'crash region, low']);
    expectApart(layout);
  });

  it('explains in the legend everything that is drawn, and nothing else', () => {
    const { legend } = layoutMemory(board);
    expect(legend.map(({ text }) => text)).toEqual([
      'kernel',
      'initrd',
      'dtb',
      'free',
      'reserved',
      'enlarged',
    ]);
  });

  it('has a ruler for a power of two', () => {
    expect(layoutMemory(virt).rule?.bytes).toBe(8n * MIB);
  });

  it('lays out an empty map, and folds 50,000 ranges into three parts', () => {
    expect(layoutMemoryMap([])).toMatchObject({ bar: [], labels: [], legend: [] });
    const memory = Array.from({ length: 50_000 }, (_, index) => rangeOf(BigInt(index) << 40n, MIB));
    const { bar } = layoutMemoryMap(buildMemoryRows(buildSampleMachine({ memory })));
    expect(bar.map(({ line }) => line.what)).toEqual(['free', 'no RAM, 49999 ranges', 'free']);
  });
});
