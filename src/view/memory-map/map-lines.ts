import { type Range, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import type { SegmentName } from '../../kexec/kimage.js';
import type { RunningPart } from '../../machine/running-memory.js';
import type { Ground } from './ground.js';
import type { MemoryRow } from './map-rows.js';
import type { NextUse } from './next-uses.js';

/** How a use is drawn. Each is the name of a style, too. */
export type Look =
  | SegmentName
  | Ground
  | 'running-kernel'
  | 'running-initrd'
  | 'running-dtb'
  | 'freed'
  | 'kept'
  | 'unknown'
  | 'folded';

/** A use of memory: how it is drawn, and its name of a word or two. */
export interface MapUse {
  readonly look: Look;
  readonly name: string;
}

/** A line of a memory map: one row, or several small rows folded into one. */
export interface MemoryLine {
  readonly range: Range;
  /** Of folded rows: the first of {@link TAKEN_GROUNDS} that any of them has. */
  readonly ground: Ground;
  readonly segment?: SegmentName;
  readonly running?: RunningPart;
  readonly isFolded: boolean;
  readonly now: MapUse;
  /** When the next kernel starts; absent if nothing is loaded. */
  readonly next?: MapUse;
  readonly note?: string;
}

/** The printed name of each ground. */
export const GROUND_NAMES: Readonly<Record<Ground, string>> = {
  free: 'free',
  reserved: 'reserved',
  'crash-high': 'crash region',
  'crash-low': 'crash region, low',
  'crash-cma': 'crash CMA',
  'driver-managed': 'driver-managed',
  gap: 'no RAM',
};

/** The printed name of each use when the next kernel starts. */
const NEXT_NAMES: Readonly<Record<NextUse, string>> = {
  free: 'free',
  freed: 'freed',
  reserved: 'reserved',
  kept: 'kept',
  'driver-managed': 'driver-managed',
  gap: 'no RAM',
  unknown: 'unknown',
};

const RUNNING_LOOKS: Readonly<Record<RunningPart, Look>> = {
  kernel: 'running-kernel',
  'kernel code': 'running-kernel',
  'kernel data': 'running-kernel',
  initrd: 'running-initrd',
  dtb: 'running-dtb',
};

/** What the words for the next kernel's memory mean, for readers of a map that has them. */
export const NEXT_MEANINGS: readonly { readonly look: Look; readonly meaning: string }[] = [
  { look: 'freed', meaning: 'freed: taken now, and the next kernel may use it' },
  { look: 'kept', meaning: 'kept: stays as it was when the kernel crashed, for the dump' },
  { look: 'unknown', meaning: 'unknown: taken now; the next kernel may use what firmware has not reserved' },
];

/** The grounds that are folded: memory that is in use already, and none. */
const TAKEN_GROUNDS = ['reserved', 'driver-managed', 'gap'] as const satisfies readonly Ground[];

/** Fewer taken ranges than this are not folded. */
const MIN_FOLDED = 3;

/**
 * Converts rows to lines, with runs of small rows folded: a running kernel and firmware reserve dozens of small ranges
 * close to each other.
 *
 * A row is small if it is at most 1/1024 of the RAM and is free or of a taken ground. A run of small rows is folded if
 * it begins and ends with a taken row and has at least three of them; its line says how much of it is free. Segments,
 * crash regions, the running kernel with its initrd and device tree, and larger rows keep lines of their own. While
 * more than `maxLines` lines are left, the size that counts as small is doubled, up to the size of the whole map.
 */
export function foldMemoryRows(rows: readonly MemoryRow[], maxLines: number): MemoryLine[] {
  const span = (rows.at(-1)?.range.end ?? 0n) - (rows[0]?.range.start ?? 0n);
  let small = sumRam(rows) / 1024n;
  let lines = foldRows(rows, small);
  while (lines.length > maxLines && small < span) {
    small = 2n * small + 1n;
    lines = foldRows(rows, small);
  }
  return lines;
}

function foldRows(rows: readonly MemoryRow[], small: bigint): MemoryLine[] {
  const lines: MemoryLine[] = [];
  let next = 0;
  while (next < rows.length) {
    const row = rows[next] as MemoryRow;
    const run = isTaken(row) ? findRun(rows, next, small) : [];
    const folds = run.filter(isTaken).length >= MIN_FOLDED;
    lines.push(folds ? buildFoldedLine(run) : buildLine(row));
    next += folds ? run.length : 1;
  }
  return lines;
}

/** The RAM that the rows cover, in bytes. */
export function sumRam(rows: readonly { range: Range; ground: Ground }[]): bigint {
  return rows.reduce((sum, { range, ground }) => (ground === 'gap' ? sum : sum + size(range)), 0n);
}

/** The run of small rows that begins at an index and ends with a taken row. */
function findRun(rows: readonly MemoryRow[], first: number, small: bigint): MemoryRow[] {
  let end = first;
  while (end < rows.length && isSmall(rows[end] as MemoryRow, small)) end += 1;
  while (end > first && !isTaken(rows[end - 1] as MemoryRow)) end -= 1;
  return rows.slice(first, end);
}

function isSmall(row: MemoryRow, small: bigint): boolean {
  return (row.ground === 'free' || isTakenGround(row.ground)) && !hasOwnLine(row) && size(row.range) <= small;
}

function isTaken(row: MemoryRow): boolean {
  return !hasOwnLine(row) && isTakenGround(row.ground);
}

function hasOwnLine({ segment, running }: MemoryRow): boolean {
  return segment !== undefined || running !== undefined;
}

function isTakenGround(ground: Ground): boolean {
  return TAKEN_GROUNDS.some((taken) => taken === ground);
}

function buildLine(row: MemoryRow): MemoryLine {
  const { range, ground, segment, running, note } = row;
  const next = describeNext(row);
  return {
    range,
    ground,
    ...(segment === undefined ? {} : { segment }),
    ...(running === undefined ? {} : { running }),
    isFolded: false,
    now: describeNow(row),
    ...(next === undefined ? {} : { next }),
    ...(note === undefined ? {} : { note }),
  };
}

function describeNow({ ground, running }: MemoryRow): MapUse {
  if (running !== undefined) return { look: RUNNING_LOOKS[running], name: running };
  return { look: ground, name: GROUND_NAMES[ground] };
}

function describeNext({ segment, next }: MemoryRow): MapUse | undefined {
  if (segment !== undefined) return { look: segment, name: segment };
  return next && { look: next, name: NEXT_NAMES[next] };
}

function buildFoldedLine(run: readonly MemoryRow[]): MemoryLine {
  const taken = run.filter(isTaken);
  const grounds = TAKEN_GROUNDS.filter((name) => taken.some(({ ground }) => ground === name));
  const free = run.reduce((sum, { range, ground }) => (ground === 'free' ? sum + size(range) : sum), 0n);
  const next = foldNext(taken);
  return {
    range: { start: (run[0] as MemoryRow).range.start, end: (run.at(-1) as MemoryRow).range.end },
    ground: grounds[0] ?? 'reserved',
    isFolded: true,
    now: { look: 'folded', name: joinUses(grounds.map((ground) => GROUND_NAMES[ground])) },
    ...(next === undefined ? {} : { next }),
    note: `${taken.length} ranges${free === 0n ? '' : `, ${formatSize(free)} free between them`}`,
  };
}

/** What becomes of the taken ranges of a run. */
function foldNext(taken: readonly MemoryRow[]): MapUse | undefined {
  const uses = [...new Set(taken.map(({ next }) => next))].filter((next) => next !== undefined);
  const [use] = uses;
  if (use === undefined) return undefined;
  if (uses.length === 1) return { look: use, name: NEXT_NAMES[use] };
  return { look: 'folded', name: joinUses(uses.map((next) => NEXT_NAMES[next])) };
}

/** Names of uses as one; three would be too wide for a column. */
function joinUses(names: readonly string[]): string {
  return names.length > 2 ? 'several uses' : names.join(' or ');
}
