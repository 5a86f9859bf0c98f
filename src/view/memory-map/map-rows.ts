import { intersect, isEmpty, type Range, union } from '../../base/range.js';
import { hex, maximum } from '../../base/u64.js';
import { getSegmentRange, type Kimage, type KimageType, type SegmentName } from '../../kexec/kimage.js';
import type { Machine } from '../../machine/machine-value.js';
import { findRunningMemory, type RunningPart } from '../../machine/running-memory.js';
import type { Ground } from './ground.js';
import { decideNextUse, findNextMemory, type NextUse } from './next-uses.js';

/** A range of physical memory with one use now, and one when the next kernel starts. */
export interface MemoryRow {
  readonly range: Range;
  readonly ground: Ground;
  /** What of the running kernel lies there, on free or reserved ground. */
  readonly running?: RunningPart;
  /** The name of the node of /reserved-memory that reserves it, with unit address. */
  readonly reservation?: string;
  /** The segment that is loaded there. */
  readonly segment?: SegmentName;
  /** The use when the next kernel starts; absent where there is a segment, and if nothing is loaded. */
  readonly next?: NextUse;
  /** The entry, if it is in the segment; the ground, if it is the wrong one; or the reservation. */
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
  'crash-cma': 'in a crash CMA range',
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
  const running = findRunningMemory(machine);
  const parts = inOrder(running.parts);
  const reservations = inOrder(running.reservations);
  const next = kimage && findNextMemory(kimage, running);

  const outer = listBorders([...grounds, ...segments].flatMap(({ ranges }) => ranges));
  const inner = [...[...parts, ...reservations].map(({ range }) => range), ...(next?.reserved ?? [])];
  const groundAt = findLayers(grounds);
  const segmentAt = findLayers(segments);
  const partAt = findCover(parts);
  const reservationAt = findCover(reservations);
  const nextReservedAt = findCover((next?.reserved ?? []).map((range) => ({ range })));

  const rows: MemoryRow[] = [];
  for (const range of listPieces(outer, listBorders(inner))) {
    const { start } = range;
    const ground = groundAt(start) ?? 'gap';
    const segment = segmentAt(start);
    const isPlain = ground === 'free' || ground === 'reserved';
    const [part, reservation] = [partAt(start), reservationAt(start)];
    const facts = {
      ground,
      ...(isPlain && part !== undefined ? { running: part.part } : {}),
      ...(ground === 'reserved' && reservation !== undefined ? { reservation: reservation.name } : {}),
    };
    const isNextReserved = nextReservedAt(start) !== undefined;
    const use = segment === undefined ? next && decideNextUse(facts, isNextReserved, next) : undefined;
    addRow(rows, {
      range,
      ...facts,
      ...(segment === undefined ? {} : { segment }),
      ...(use === undefined ? {} : { next: use }),
    });
  }
  return rows.map((row) => addNote(row, kimage));
}

/** Adds a row, or lengthens the last one if its use is the same. */
function addRow(rows: MemoryRow[], row: MemoryRow): void {
  const last = rows.at(-1);
  const isSame =
    last !== undefined &&
    (['ground', 'running', 'reservation', 'segment', 'next'] as const).every((use) => last[use] === row[use]);
  if (isSame) rows[rows.length - 1] = { ...last, range: { start: last.range.start, end: row.range.end } };
  else rows.push(row);
}

/** The grounds of a machine; where ranges overlap, the first ground counts. */
function listGrounds({
  memory,
  reserved,
  crashRegion,
  crashCma = [],
  driverManaged = [],
}: Machine): { name: Ground; ranges: readonly Range[] }[] {
  const { high, low } = crashRegion ?? {};
  return [
    { name: 'crash-high', ranges: high === undefined ? [] : intersect(memory, [high]) },
    { name: 'crash-low', ranges: low === undefined ? [] : intersect(memory, [low]) },
    { name: 'crash-cma', ranges: intersect(memory, crashCma) },
    { name: 'reserved', ranges: intersect(memory, reserved) },
    { name: 'free', ranges: union(memory) },
    { name: 'driver-managed', ranges: union(driverManaged) },
  ];
}

/** The addresses at which a range begins or ends, each once, lowest first. */
function listBorders(ranges: readonly Range[]): bigint[] {
  const borders = ranges.flatMap((range) => (isEmpty(range) ? [] : [range.start, range.end]));
  return [...new Set(borders)].sort((a, b) => (a < b ? -1 : 1));
}

/** The ranges between borders. @param inner - borders that count only between the first and the last outer one */
function listPieces(outer: readonly bigint[], inner: readonly bigint[]): Range[] {
  const [first, last] = [outer[0] ?? 0n, outer.at(-1) ?? 0n];
  const within = inner.filter((border) => first < border && border < last);
  const borders = [...new Set([...outer, ...within])].sort((a, b) => (a < b ? -1 : 1));
  return borders.slice(1).map((end, index) => ({ start: borders[index] as bigint, end }));
}

/** Sorts ranges, lowest first, and cuts those that overlap: the one that begins first counts. */
function inOrder<Item extends { readonly range: Range }>(items: readonly Item[]): Item[] {
  let end = 0n;
  return items
    .toSorted((a, b) => (a.range.start < b.range.start ? -1 : 1))
    .flatMap((item) => {
      const range = { start: maximum(item.range.start, end), end: item.range.end };
      if (range.start >= range.end) return [];
      end = range.end;
      return [{ ...item, range }];
    });
}

/** A function that returns the first layer that covers an address. It must be called with ascending addresses. */
function findLayers<Name>(
  layers: readonly { name: Name; ranges: readonly Range[] }[],
): (address: bigint) => Name | undefined {
  const covers = layers.map(({ name, ranges }) => ({
    name,
    at: findCover(ranges.map((range) => ({ range }))),
  }));
  return (address) => covers.find(({ at }) => at(address) !== undefined)?.name;
}

/**
 * A function that returns the item whose range covers an address. It must be called with ascending addresses.
 *
 * @param items - lowest first, without overlaps
 */
function findCover<Item extends { readonly range: Range }>(
  items: readonly Item[],
): (address: bigint) => Item | undefined {
  let next = 0;
  return (address) => {
    let item = items[next];
    while (item !== undefined && item.range.end <= address) {
      next += 1;
      item = items[next];
    }
    return item !== undefined && item.range.start <= address ? item : undefined;
  };
}

function addNote(row: MemoryRow, kimage: Kimage | undefined): MemoryRow {
  const notes = [
    ...(row.segment === undefined || kimage === undefined ? [] : describeSegment(row, kimage)),
    ...(row.reservation === undefined ? [] : [row.reservation]),
  ];
  return notes.length === 0 ? row : { ...row, note: notes.join(', ') };
}

function describeSegment({ range, ground }: MemoryRow, { type, entry }: Kimage): string[] {
  return [
    ...(range.start <= entry && entry < range.end ? [`entry ${hex(entry)}`] : []),
    ...(ground === EXPECTED_GROUND[type] ? [] : [GROUND_NOTES[ground]]),
  ];
}
