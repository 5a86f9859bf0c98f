import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Range, rangeOf, union } from '../../../src/base/range.js';
import { MIB } from '../../../src/base/u64.js';
import { getSegmentRange, type Kimage } from '../../../src/kexec/kimage.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import type { Ground } from '../../../src/view/memory-map/ground.js';
import { buildMemoryRows, type MemoryRow } from '../../../src/view/memory-map/map-rows.js';
import { anyMemory, buildSampleMachine, buildSegment, server, virt } from './samples.js';

const SPAN = 48;
const smallRange = fc
  .tuple(fc.nat(SPAN), fc.nat(SPAN))
  .map(([a, b]): Range => ({ start: BigInt(Math.min(a, b)), end: BigInt(Math.max(a, b)) }));

/** Ranges that do not overlap, lowest first; some touch, some are empty. */
const ranges = (maxLength: number) =>
  fc.array(fc.nat(SPAN), { maxLength: 2 * maxLength }).map((ends): Range[] => {
    const sorted = ends.toSorted((a, b) => a - b);
    return Array.from({ length: sorted.length >> 1 }, (_, index) => ({
      start: BigInt(sorted[2 * index] ?? 0),
      end: BigInt(sorted[2 * index + 1] ?? 0),
    }));
  });

const smallMemory = fc.record({
  memory: ranges(4),
  reserved: fc.array(smallRange, { maxLength: 4 }),
  high: fc.option(smallRange, { nil: undefined }),
  low: fc.option(smallRange, { nil: undefined }),
  segments: ranges(4),
});

function has(range: Range | undefined, byte: bigint): boolean {
  return range !== undefined && range.start <= byte && byte < range.end;
}

function groundAt({ memory, reserved, crashRegion }: Machine, byte: bigint): Ground {
  if (!memory.some((range) => has(range, byte))) return 'gap';
  if (has(crashRegion?.high, byte)) return 'crash-high';
  if (has(crashRegion?.low, byte)) return 'crash-low';
  return reserved.some((range) => has(range, byte)) ? 'reserved' : 'free';
}

function expectTiled(rows: readonly MemoryRow[], machine: Machine, kimage?: Kimage): void {
  const all = union([...machine.memory, ...(kimage?.segments ?? []).map(getSegmentRange)]);
  expect(rows[0]?.range.start).toBe(all[0]?.start);
  expect(rows.at(-1)?.range.end).toBe(all.at(-1)?.end);
  for (const [index, { range }] of rows.entries()) {
    expect(range.start < range.end).toBe(true);
    if (index > 0) expect(rows[index - 1]?.range.end).toBe(range.start);
  }
}

function expectSegments(rows: readonly MemoryRow[], kimage?: Kimage): void {
  for (const segment of kimage?.segments ?? []) {
    const shown = rows.filter((row) => row.segment === segment.name).map(({ range }) => range);
    expect(union(shown)).toEqual(union([getSegmentRange(segment)]));
  }
  const names = new Set(kimage?.segments.map(({ name }) => name));
  expect(rows.every(({ segment }) => segment === undefined || names.has(segment))).toBe(true);
}

describe('buildMemoryRows', () => {
  it('gives every byte the right ground and segment', () => {
    fc.assert(
      fc.property(smallMemory, ({ memory, reserved, high, low, segments }) => {
        const crashRegion = high && { high, ...(low === undefined ? {} : { low }) };
        const machine = buildSampleMachine({
          memory,
          reserved,
          ...(crashRegion === undefined ? {} : { crashRegion }),
        });
        const names = ['kernel', 'initrd', 'dtb', 'purgatory'] as const;
        const kimage: Kimage = {
          type: 'default',
          entry: 0n,
          segments: segments.map((range, index) =>
            buildSegment(names[index] ?? 'kernel', range.start, range.end - range.start),
          ),
        };
        const rows = buildMemoryRows(machine, kimage);
        expectTiled(rows, machine, kimage);
        expectSegments(rows, kimage);
        for (const { range, ground, segment } of rows) {
          for (let byte = range.start; byte < range.end; byte += 1n) {
            expect(groundAt(machine, byte)).toBe(ground);
            expect(kimage.segments.find((one) => has(getSegmentRange(one), byte))?.name).toBe(segment);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('covers RAM and segments without overlaps, and each segment completely', () => {
    fc.assert(
      fc.property(anyMemory, ({ machine, kimage }) => {
        const rows = buildMemoryRows(machine, kimage);
        expectTiled(rows, machine, kimage);
        expectSegments(rows, kimage);
      }),
    );
  });

  it('joins adjacent ranges of the same ground', () => {
    fc.assert(
      fc.property(anyMemory, ({ machine, kimage }) => {
        const rows = buildMemoryRows(machine, kimage);
        for (const [index, { ground, segment, next }] of rows.slice(1).entries()) {
          const before = rows[index] as MemoryRow;
          expect([before.ground, before.segment, before.next]).not.toEqual([ground, segment, next]);
        }
      }),
    );
  });

  it('notes the segment that contains the entry', () => {
    const noted = buildMemoryRows(virt.machine, virt.kimage).filter(({ note }) => note !== undefined);
    expect(noted).toEqual([expect.objectContaining({ segment: 'purgatory', note: 'entry 0xbfdff000' })]);
  });

  it('has no note on a crash kernel in the crash region', () => {
    const rows = buildMemoryRows(server.machine, server.kimage);
    expect(rows.find(({ segment }) => segment === 'initrd')).toEqual({
      range: { start: 0xf_c260_0000n, end: 0xf_c600_0000n },
      ground: 'crash-high',
      segment: 'initrd',
    });
  });

  it.each([
    ['default', 100n, 'outside RAM'],
    ['default', 10n, 'over reserved memory'],
    ['default', 20n, 'in the crash region'],
    ['default', 30n, 'in the low crash region'],
    ['crash', 0n, 'outside the crash region'],
    ['crash', 30n, 'in the low crash region'],
  ] as const)('says of a %s load at %d MiB that it is %s', (type, at, note) => {
    const machine = buildSampleMachine({
      memory: [rangeOf(0n, 64n * MIB)],
      reserved: [rangeOf(10n * MIB, 2n * MIB)],
      crashRegion: { high: rangeOf(20n * MIB, 2n * MIB), low: rangeOf(30n * MIB, 2n * MIB) },
    });
    const dtb = buildSegment('dtb', at * MIB, 2n * MIB);
    const rows = buildMemoryRows(machine, { type, entry: 1n << 63n, segments: [dtb] });
    expect(rows.filter(({ segment }) => segment === 'dtb')).toEqual([
      expect.objectContaining({ range: getSegmentRange(dtb), note }),
    ]);
  });

  it('shows the gap between RAM and a segment outside it, and divides a segment that is half outside', () => {
    const machine = buildSampleMachine({ memory: [rangeOf(8n * MIB, 8n * MIB)] });
    const segments = [buildSegment('kernel', 14n * MIB, 4n * MIB), buildSegment('dtb', 2n * MIB, 2n * MIB)];
    const rows = buildMemoryRows(machine, { type: 'default', entry: 14n * MIB, segments });
    expect(rows.map(({ ground, segment, note }) => [segment ?? ground, note])).toEqual([
      ['dtb', 'outside RAM'],
      ['gap', undefined],
      ['free', undefined],
      ['kernel', 'entry 0xe00000'],
      ['kernel', 'outside RAM'],
    ]);
  });

  it('has no rows for a machine without RAM', () => {
    expect(buildMemoryRows(buildSampleMachine({ reserved: [rangeOf(0n, MIB)] }))).toEqual([]);
  });
});
