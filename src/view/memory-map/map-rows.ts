import { intersect, isEmpty, type Range, union } from '../../base/range.js';
import { hex } from '../../base/u64.js';
import { type Kimage, type KimageType, type SegmentName, segmentRange } from '../../kexec/kimage.js';
import type { Machine } from '../../machine/machine-value.js';

/**
 * What a stretch of physical memory is, whatever is loaded into it. `reserved` is RAM that is taken outside the
 * crash regions; a `gap` lies between ranges of RAM, or between RAM and a segment outside it.
 */
export type Ground = 'free' | 'reserved' | 'crash-high' | 'crash-low' | 'gap';

/** A stretch of physical memory that is one thing from end to end. */
export interface MemoryRow {
  readonly range: Range;
  readonly ground: Ground;
  /** The segment that lies there. */
  readonly segment?: SegmentName;
  /** What a reader should know of the segment: the entry, or that it lies where it should not. */
  readonly note?: string;
}

/** The ground that a kind of load places its segments on. */
const HOME: Readonly<Record<KimageType, Ground>> = { default: 'free', crash: 'crash-high' };

/** What is said of a segment that lies on any other ground. */
const ASTRAY: Readonly<Record<Ground, string>> = {
  free: 'outside the crash region',
  reserved: 'over reserved memory',
  'crash-high': 'in the crash region',
  'crash-low': 'in the low crash region',
  gap: 'outside RAM',
};

/**
 * Physical memory as rows, lowest first, without overlaps or holes, from the first byte of RAM or segments to the
 * last. A row is as long as it can be; regions of memory that touch are one. A segment is one row, unless it lies on
 * different grounds.
 *
 * What of the reserved ranges and the crash regions lies outside RAM is left out: no kernel could use it anyway.
 * Segments do not overlap (`checkSegments`); of a kimage where they do, the earlier one is shown on top.
 */
export function buildMemoryRows(machine: Machine, kimage?: Kimage): MemoryRow[] {
  const grounds = groundsOf(machine);
  const segments = (kimage?.segments ?? []).map((one) => ({ name: one.name, ranges: [segmentRange(one)] }));

  const borders = bordersOf([...grounds, ...segments].map(({ ranges }) => ranges));
  const groundAt = layersAt(grounds);
  const segmentAt = layersAt(segments);
  const rows: MemoryRow[] = [];
  for (const [index, end] of borders.entries()) {
    const start = borders[index - 1];
    if (start === undefined) continue;
    const ground = groundAt(start) ?? 'gap';
    const segment = segmentAt(start);
    const last = rows.at(-1);
    if (last !== undefined && last.ground === ground && last.segment === segment) {
      rows[rows.length - 1] = { ...last, range: { start: last.range.start, end } };
    } else {
      rows.push({ range: { start, end }, ground, ...(segment === undefined ? {} : { segment }) });
    }
  }
  return kimage === undefined ? rows : rows.map((row) => withNote(row, kimage));
}

/** The machine's own layers, the topmost first. */
function groundsOf({ memory, reserved, crashRegion }: Machine): { name: Ground; ranges: readonly Range[] }[] {
  const { high, low } = crashRegion ?? {};
  return [
    { name: 'crash-high', ranges: high === undefined ? [] : intersect(memory, [high]) },
    { name: 'crash-low', ranges: low === undefined ? [] : intersect(memory, [low]) },
    { name: 'reserved', ranges: intersect(memory, reserved) },
    { name: 'free', ranges: union(memory) },
  ];
}

/** Every address at which something begins or ends, once, lowest first. */
function bordersOf(layers: readonly (readonly Range[])[]): bigint[] {
  const borders = layers.flat().flatMap((range) => (isEmpty(range) ? [] : [range.start, range.end]));
  return [...new Set(borders)].sort((a, b) => (a < b ? -1 : 1));
}

/** The name of the topmost layer at an address, for addresses asked for lowest first. */
function layersAt<Name>(
  layers: readonly { name: Name; ranges: readonly Range[] }[],
): (address: bigint) => Name | undefined {
  const covers = layers.map(({ name, ranges }) => ({ name, at: covering(ranges) }));
  return (address) => covers.find(({ at }) => at(address))?.name;
}

/** Whether the ranges, lowest first and without overlaps, cover an address, for addresses asked for lowest first. */
function covering(ranges: readonly Range[]): (address: bigint) => boolean {
  let next = 0;
  return (address) => {
    let range = ranges[next];
    while (range !== undefined && range.end <= address) {
      next += 1;
      range = ranges[next];
    }
    return range !== undefined && range.start <= address;
  };
}

function withNote(row: MemoryRow, { type, entry }: Kimage): MemoryRow {
  if (row.segment === undefined) return row;
  const isEntered = row.range.start <= entry && entry < row.range.end;
  const notes = [
    ...(isEntered ? [`entry ${hex(entry)}`] : []),
    ...(row.ground === HOME[type] ? [] : [ASTRAY[row.ground]]),
  ];
  return notes.length === 0 ? row : { ...row, note: notes.join(', ') };
}
