import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf, size } from '../../../src/base/range.js';
import { GIB, MIB } from '../../../src/base/u64.js';
import type { Box } from '../../../src/view/memory-map/map-bar.js';
import { layoutMemoryMap, type MapBar, type MapLayout } from '../../../src/view/memory-map/map-layout.js';
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
function listBoxes({ bars, legend, rule }: MapLayout): Box[] {
  const marked = [...bars.flatMap(({ parts, labels }) => [...parts, ...labels]), ...legend];
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

function expectScale({ slices, rule }: MapLayout): void {
  const pixelsPerByte = (rule?.box.height ?? 0) / Number(rule?.bytes);
  for (const { line, height, scaling } of slices) {
    const trueHeight = Number(size(line.range)) * pixelsPerByte;
    if (scaling === 'to scale') expect(height / trueHeight).toBeCloseTo(1, 6);
    if (scaling === 'enlarged') expect(height).toBeGreaterThan(trueHeight);
    if (scaling === 'shortened') {
      expect(height).toBeLessThan(trueHeight);
      expect(line.segment).toBeUndefined();
    }
  }
}

/** Each part stands below the one before it, and its label points at its middle. */
function expectStacked({ parts, labels, box: whole }: MapBar): void {
  expect(labels).toHaveLength(parts.length);
  expect(parts.reduce((sum, { box }) => sum + box.height, 0)).toBeCloseTo(whole.height, 6);
  for (const [index, { box, range, use }] of parts.entries()) {
    expect(labels[index]?.anchor).toBeCloseTo(box.y + box.height / 2, 6);
    expect(labels[index]?.name).toBe(use.name);
    const below = parts[index + 1];
    if (below === undefined) continue;
    expect(below.range.end).toBe(range.start);
    expect(below.box.y).toBeCloseTo(box.y + box.height, 6);
  }
}

/** Slices by the names of their uses and their scaling, the highest address first. */
function describeSlices({ slices }: MapLayout): string[] {
  return slices.map(({ line: { segment, now }, scaling }) => `${segment ?? now.name} ${scaling}`);
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

  it('stacks the parts of each bar without holes, the highest address on top', () => {
    fc.assert(
      fc.property(anyMemory, (memory) => {
        const { bars } = layoutMemory(memory);
        expect(bars).toHaveLength(memory.kimage === undefined ? 1 : 2);
        for (const bar of bars) expectStacked(bar);
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
    expect(describeSlices(layoutMemory(virt))).toEqual([
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
  });

  it('draws a board with little memory without breaks', () => {
    expect(describeSlices(layoutMemory(board))).toEqual([
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
    const { slices } = layoutMemoryMap(buildMemoryRows(buildSampleMachine({ memory })));
    expect(slices.map(({ scaling }) => scaling)).toEqual(['to scale', 'shortened', 'to scale']);
  });

  it('shows now the whole crash region, and next the segments in it', () => {
    const [now, next] = layoutMemory(server).bars;
    expect(now?.labels.filter(({ name }) => name === 'crash region')).toEqual([
      expect.objectContaining({ size: '512 MiB', range: '0xfc0000000..0xfe0000000' }),
    ]);
    expect(next?.labels.map(({ name }) => name)).toEqual([
      'kept',
      'no RAM',
      'kept',
      'elfcorehdr',
      'free',
      'dtb',
      'free',
      'initrd',
      'kernel',
      'free',
      'kept',
      'no RAM',
      'kept',
      'free',
      'kept',
    ]);
  });

  it('shows the running kernel to scale beside the next one, and a range once if both bars have it', () => {
    const kernelImage = { code: rangeOf(GIB, 20n * MIB), data: rangeOf(GIB + 20n * MIB, 4n * MIB) };
    const machine = buildSampleMachine({
      memory: [rangeOf(GIB, 64n * GIB)],
      reserved: [rangeOf(GIB, 24n * MIB)],
      kernelImage,
    });
    const segments = [buildSegment('kernel', 2n * GIB, 27n * MIB)];
    const layout = layoutMemoryMap(buildMemoryRows(machine, { type: 'default', entry: 0n, segments }));
    expect(
      layout.bars.map(({ labels }) => labels.map(({ name, range }) => [name, range !== undefined])),
    ).toEqual([
      [
        ['free', true],
        ['kernel data', true],
        ['kernel code', true],
      ],
      [
        ['free', true],
        ['kernel', true],
        ['free', true],
        ['freed', true],
      ],
    ]);
    expect(describeSlices(layout)).toEqual([
      'free shortened',
      'kernel to scale',
      'free shortened',
      'kernel data to scale',
      'kernel code to scale',
    ]);
    const [first, second] = layoutMemory(virt).bars;
    const shared = second?.labels.filter(({ name }) => name === 'unknown').length;
    expect(
      first?.labels.filter(({ name, range }) => name === 'reserved' && range === undefined),
    ).toHaveLength(shared ?? 0);
    expect(shared).toBe(2);
  });

  it('explains in the legend everything that is drawn, and nothing else', () => {
    const { legend } = layoutMemory(board);
    expect(legend.map(({ text }) => text)).toEqual([
      'kernel',
      'initrd',
      'dtb',
      'free',
      'reserved',
      'unknown',
      'enlarged',
    ]);
  });

  it('has a ruler for a power of two', () => {
    expect(layoutMemory(virt).rule?.bytes).toBe(8n * MIB);
  });

  it('lays out an empty map, and folds 50,000 ranges into three parts', () => {
    expect(layoutMemoryMap([])).toMatchObject({ bars: [{ parts: [], labels: [] }], slices: [], legend: [] });
    const memory = Array.from({ length: 50_000 }, (_, index) => rangeOf(BigInt(index) << 40n, MIB));
    const { bars } = layoutMemoryMap(buildMemoryRows(buildSampleMachine({ memory })));
    expect(bars[0]?.labels.map(({ name, note }) => [name, note])).toEqual([
      ['free', undefined],
      ['no RAM', expect.stringMatching(/^49999 ranges/)],
      ['free', undefined],
    ]);
  });
});
