import { intersect, isEmpty, type Range, union } from '../../base/range.js';
import { hex } from '../../base/u64.js';
import { getSegmentRange, type Kimage, type KimageType, type SegmentName } from '../../kexec/kimage.js';
import type { Machine } from '../../machine/machine-value.js';

/**
 * The use of a range of physical memory before anything is loaded. `reserved` is RAM that is taken, outside the crash
 * regions. `driver-managed` is RAM that no segment may use, and that is dumped. A `gap` lies between ranges of RAM, or
 * between RAM and a segment outside it.
 */
export type Ground = 'free' | 'reserved' | 'crash-high' | 'crash-low' | 'driver-managed' | 'gap';

/** A range of physical memory with one use, and at most one segment. */
export interface MemoryRow {
  readonly range: Range;
  readonly ground: Ground;
  /** The segment that is loaded there. */
  readonly segment?: SegmentName;
  /** The entry, if it is in the segment, and the ground, if it is the wrong one. */
  readonly note?: string;
}

/** The ground on which each type of load places its segments. */
const EXPECTED_GROUND: Readonly<Record<KimageType, Ground>> = { default: 'free', crash: 'crash-high' };

/** The note of a segment on any other ground. */
const GROUND_NOTES: Readonly<Record<Ground, string>> = {
  free: 'outside the crash region',
  reserved: 'over reserved memory',
  'crash-high': 'in the crash region',
  'crash-low': 'in the low crash region',
  'driver-managed': 'over memory that a driver manages',
  gap: 'outside RAM',
};

/**
 * Divides physical memory into rows, lowest first, without overlaps or holes, from the first byte of RAM or segments
 * to the last. Adjacent memory of the same use is one row. A segment is one row, unless it covers different grounds.
 *
 * Parts of reserved ranges and crash regions outside RAM are left out: no kernel can use them. Segments do not overlap
 * (`checkSegments`); in a kimage in which they do, the earlier segment hides the later one.
 */
export function buildMemoryRows(machine: Machine, kimage?: Kimage): MemoryRow[] {
  const grounds = listGrounds(machine);
  const segments = (kimage?.segments ?? []).map((segment) => ({
    name: segment.name,
    ranges: [getSegmentRange(segment)],
  }));

  const borders = listBorders([...grounds, ...segments].map(({ ranges }) => ranges));
  const groundAt = findLayers(grounds);
  const segmentAt = findLayers(segments);
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
  return kimage === undefined ? rows : rows.map((row) => addNote(row, kimage));
}

/** The grounds of a machine; where ranges overlap, the first ground counts. */
function listGrounds({
  memory,
  reserved,
  crashRegion,
  driverManaged = [],
}: Machine): { name: Ground; ranges: readonly Range[] }[] {
  const { high, low } = crashRegion ?? {};
  return [
    { name: 'crash-high', ranges: high === undefined ? [] : intersect(memory, [high]) },
    { name: 'crash-low', ranges: low === undefined ? [] : intersect(memory, [low]) },
    { name: 'reserved', ranges: intersect(memory, reserved) },
    { name: 'free', ranges: union(memory) },
    { name: 'driver-managed', ranges: union(driverManaged) },
  ];
}

/** The addresses at which a range begins or ends, each once, lowest first. */
function listBorders(layers: readonly (readonly Range[])[]): bigint[] {
  const borders = layers.flat().flatMap((range) => (isEmpty(range) ? [] : [range.start, range.end]));
  return [...new Set(borders)].sort((a, b) => (a < b ? -1 : 1));
}

/** A function that returns the first layer that covers an address. It must be called with ascending addresses. */
function findLayers<Name>(
  layers: readonly { name: Name; ranges: readonly Range[] }[],
): (address: bigint) => Name | undefined {
  const covers = layers.map(({ name, ranges }) => ({ name, at: coverWith(ranges) }));
  return (address) => covers.find(({ at }) => at(address))?.name;
}

/**
 * A function that returns whether ranges cover an address. It must be called with ascending addresses.
 *
 * @param ranges - lowest first, without overlaps
 */
function coverWith(ranges: readonly Range[]): (address: bigint) => boolean {
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

function addNote(row: MemoryRow, { type, entry }: Kimage): MemoryRow {
  if (row.segment === undefined) return row;
  const isEntered = row.range.start <= entry && entry < row.range.end;
  const notes = [
    ...(isEntered ? [`entry ${hex(entry)}`] : []),
    ...(row.ground === EXPECTED_GROUND[type] ? [] : [GROUND_NOTES[row.ground]]),
  ];
  return notes.length === 0 ? row : { ...row, note: notes.join(', ') };
}
