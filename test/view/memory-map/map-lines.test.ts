import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, type Range, rangeOf, size } from '../../../src/base/range.js';
import { GIB, KIB, MIB } from '../../../src/base/u64.js';
import { foldMemoryRows } from '../../../src/view/memory-map/map-lines.js';
import { buildMemoryRows } from '../../../src/view/memory-map/map-rows.js';
import { anyMemory, buildSampleMachine, buildSegment, server } from './samples.js';

/** The lines of 1 GiB of RAM with these reserved ranges. */
function describeLines(reserved: readonly Range[], memory: readonly Range[] = [rangeOf(0n, GIB)]) {
  return foldMemoryRows(buildMemoryRows(buildSampleMachine({ memory, reserved })), 100).map(
    ({ now, note }) => ({
      what: now.name,
      ...(note === undefined ? {} : { note }),
    }),
  );
}

describe('foldMemoryRows', () => {
  it('folds three small reserved ranges and the free memory between them', () => {
    const reserved = [0n, 2n, 4n].map((at) => rangeOf(512n * MIB + at * 256n * KIB, 256n * KIB));
    expect(describeLines(reserved)).toEqual([
      { what: 'free' },
      { what: 'reserved', note: '3 ranges, 512 KiB free between them' },
      { what: 'free' },
    ]);
    expect(describeLines(reserved.slice(1)).map(({ what }) => what)).toEqual([
      'free',
      'reserved',
      'free',
      'reserved',
      'free',
    ]);
  });

  it('keeps a line for each range larger than 1/1024 of the RAM', () => {
    const apart = (step: bigint, bytes: bigint) =>
      [1n, 2n, 3n].map((at) => rangeOf(512n * MIB + at * step, bytes));
    expect(describeLines(apart(2n * MIB, MIB))).toHaveLength(3);
    expect(describeLines(apart(2n * MIB, MIB - 1n))).toHaveLength(7);
    expect(describeLines(apart(2n * MIB, MIB + 1n))).toHaveLength(7);
  });

  it('folds small holes in RAM with the reserved ranges around them', () => {
    const piece = (at: bigint) => rangeOf(512n * MIB + at * MIB, MIB - 64n * KIB);
    const memory = [rangeOf(0n, 512n * MIB), piece(0n), piece(1n), piece(2n), rangeOf(515n * MIB, GIB)];
    expect(describeLines([], memory)).toEqual([
      { what: 'free' },
      { what: 'no RAM', note: '3 ranges, 1.88 MiB free between them' },
      { what: 'free' },
    ]);
    expect(describeLines([rangeOf(513n * MIB, MIB)], memory)[1]).toEqual({
      what: 'reserved or no RAM',
      note: '4 ranges, 960 KiB free between them',
    });
  });

  it('does not fold across a segment', () => {
    const reserved = [0n, 2n, 4n, 6n].map((at) => rangeOf(at * 64n * KIB, 64n * KIB));
    const machine = buildSampleMachine({ memory: [rangeOf(0n, GIB)], reserved });
    const dtb = buildSegment('dtb', 3n * 64n * KIB, 64n * KIB);
    const rows = buildMemoryRows(machine, { type: 'default', entry: GIB, segments: [dtb] });
    expect(
      foldMemoryRows(rows, 100).map(({ now, next }) => (now.name === 'free' ? next?.name : now.name)),
    ).toEqual(['reserved', 'free', 'reserved', 'dtb', 'reserved', 'free', 'reserved', 'free']);
  });

  it('folds larger ranges if there are too many lines', () => {
    const scattered = Array.from({ length: 50 }, (_, index) => rangeOf(BigInt(index) * 20n * MIB, 64n * KIB));
    const rows = buildMemoryRows(buildSampleMachine({ memory: [rangeOf(0n, GIB)], reserved: scattered }));
    expect(foldMemoryRows(rows, 100)).toHaveLength(100);
    expect(foldMemoryRows(rows, 99).map(({ now, note }) => [now.name, note])).toEqual([
      ['reserved', '50 ranges, 976.94 MiB free between them'],
      ['free', undefined],
    ]);
  });

  it('folds a server with 40 reserved ranges into 25 lines', () => {
    const rows = buildMemoryRows(server.machine, server.kimage);
    expect(rows.length).toBeGreaterThan(80);
    expect(foldMemoryRows(rows, 60)).toHaveLength(25);
  });

  it('says what becomes of folded ranges, and keeps a line for each part of the running kernel', () => {
    const reserved = [0n, 2n, 4n, 6n, 8n].map((at) => rangeOf(at * 64n * KIB, 64n * KIB));
    const code = reserved[2] as Range;
    const kernelImage = { code };
    const machine = buildSampleMachine({ memory: [rangeOf(0n, GIB)], reserved, kernelImage });
    const kernel = buildSegment('kernel', 512n * MIB, MIB);
    const rows = buildMemoryRows(machine, { type: 'default', entry: GIB, segments: [kernel] });
    expect(foldMemoryRows(rows, 100).map(({ now, next }) => `${now.name} > ${next?.name}`)).toEqual([
      'reserved > unknown',
      'free > free',
      'reserved > unknown',
      'free > free',
      'kernel code > freed',
      'free > free',
      'reserved > unknown',
      'free > free',
      'reserved > unknown',
      'free > free',
      'free > kernel',
      'free > free',
    ]);
    const use = { ground: 'reserved', next: 'reserved' } as const;
    const mixed = rows.map((row, index) =>
      index === 0 ? { ...row, ...use } : { ...row, running: undefined },
    );
    expect(foldMemoryRows(mixed as typeof rows, 100)[0]).toMatchObject({
      now: { look: 'folded', name: 'reserved' },
      next: { look: 'folded', name: 'several uses' },
      note: '5 ranges, 256 KiB free between them',
    });
  });

  it('leaves nothing out, and gives each segment and crash region a line of its own', () => {
    fc.assert(
      fc.property(anyMemory, fc.integer({ min: 1, max: 40 }), ({ machine, kimage }, most) => {
        const rows = buildMemoryRows(machine, kimage);
        const lines = foldMemoryRows(rows, most);
        expect(lines[0]?.range.start).toBe(rows[0]?.range.start);
        expect(lines.at(-1)?.range.end).toBe(rows.at(-1)?.range.end);
        for (const [index, line] of lines.entries()) {
          if (index > 0) expect(lines[index - 1]?.range.end).toBe(line.range.start);
          const inside = rows.filter(({ range }) => contains(line.range, range));
          expect(inside.reduce((sum, { range }) => sum + size(range), 0n)).toBe(size(line.range));
          if (!line.isFolded) {
            expect(inside).toEqual([expect.objectContaining({ range: line.range, ground: line.ground })]);
            expect(inside[0]?.segment).toBe(line.segment);
            continue;
          }
          const taken = inside.filter(({ ground }) => ground !== 'free');
          expect(line.note).toMatch(new RegExp(`^${taken.length} ranges(,|$)`));
          expect(taken.length).toBeGreaterThanOrEqual(3);
          expect(inside.some(({ segment, ground }) => segment ?? ground.startsWith('crash'))).toBe(false);
          expect([inside[0]?.ground, inside.at(-1)?.ground]).not.toContain('free');
        }
      }),
    );
  });
});
