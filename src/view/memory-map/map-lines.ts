import { type Range, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import type { SegmentName } from '../../kexec/kimage.js';
import type { Ground, MemoryRow } from './map-rows.js';

/** A line of a memory map: one row, or several small rows folded into one. */
export interface MemoryLine {
  readonly range: Range;
  /** Of folded rows: the first of {@link TAKEN_GROUNDS} that any of them has. */
  readonly ground: Ground;
  readonly segment?: SegmentName;
  readonly isFolded: boolean;
  /** A name of a word or two. */
  readonly what: string;
  readonly note?: string;
}

/** The printed name of each ground. */
export const GROUND_NAMES: Readonly<Record<Ground, string>> = {
  free: 'free',
  reserved: 'reserved',
  'crash-high': 'crash region',
  'crash-low': 'crash region, low',
  'driver-managed': 'driver-managed',
  gap: 'no RAM',
};

/** The grounds that are folded: memory that is in use already, and none. */
const TAKEN_GROUNDS = ['reserved', 'driver-managed', 'gap'] as const satisfies readonly Ground[];

/** Fewer taken ranges than this are not folded. */
const MIN_FOLDED = 3;

/**
 * Converts rows to lines, with runs of small rows folded: a running kernel and firmware reserve dozens of small ranges
 * close to each other.
 *
 * A row is small if it is at most 1/1024 of the RAM and is free or of a taken ground. A run of small rows is folded if
 * it begins and ends with a taken row and has at least three of them; its line says how much of it is
 * free. Segments, crash regions and larger rows keep lines of their own. While more than `maxLines` lines are left,
 * the size that counts as small is doubled, up to the size of the whole map.
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

function isSmall({ range, ground, segment }: MemoryRow, small: bigint): boolean {
  return (ground === 'free' || isTakenGround(ground)) && segment === undefined && size(range) <= small;
}

function isTaken({ ground, segment }: MemoryRow): boolean {
  return segment === undefined && isTakenGround(ground);
}

function isTakenGround(ground: Ground): boolean {
  return TAKEN_GROUNDS.some((taken) => taken === ground);
}

function buildLine({ range, ground, segment, note }: MemoryRow): MemoryLine {
  return {
    range,
    ground,
    ...(segment === undefined ? {} : { segment }),
    isFolded: false,
    what: segment ?? GROUND_NAMES[ground],
    ...(note === undefined ? {} : { note }),
  };
}

function buildFoldedLine(run: readonly MemoryRow[]): MemoryLine {
  const taken = run.filter(isTaken);
  const grounds = TAKEN_GROUNDS.filter((name) => taken.some(({ ground }) => ground === name));
  const free = run.reduce((sum, { range, ground }) => (ground === 'free' ? sum + size(range) : sum), 0n);
  return {
    range: { start: (run[0] as MemoryRow).range.start, end: (run.at(-1) as MemoryRow).range.end },
    ground: grounds[0] ?? 'reserved',
    isFolded: true,
    what: `${grounds.map((ground) => GROUND_NAMES[ground]).join(' or ')}, ${taken.length} ranges`,
    ...(free === 0n ? {} : { note: `${formatSize(free)} free between them` }),
  };
}
