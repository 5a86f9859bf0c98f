import { refuse } from './error.js';
import { hex, maximum, minimum, U64_LIMIT } from './u64.js';

/** A half-open range of physical addresses, in bytes: `start` belongs to it, `end` does not. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Returns the range from `start` up to, not including, `end`.
 *
 * @throws KexecError `EINVAL`, check `range-order`, if it ends before it starts or leaves 64 bits.
 */
export function range(start: bigint, end: bigint): Range {
  if (start < 0n || end < start || end > U64_LIMIT) {
    refuse(
      'range-order',
      'EINVAL',
      `the range from ${hex(start)} to ${hex(end)} ${end < start ? 'ends before it starts' : 'leaves 64 bits'}`,
    );
  }
  return { start, end };
}

/** Returns the range of `size` bytes from `start`. @throws KexecError as {@link range}. */
export function rangeOf(start: bigint, size: bigint): Range {
  return range(start, start + size);
}

/** The size of a range in bytes. */
export function size(of: Range): bigint {
  return of.end - of.start;
}

export function isEmpty(of: Range): boolean {
  return of.end === of.start;
}

export function contains(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

export function containsAddress(outer: Range, address: bigint): boolean {
  return outer.start <= address && address < outer.end;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Returns the bytes that both ranges contain, or undefined if there are none. */
export function intersection(a: Range, b: Range): Range | undefined {
  const start = maximum(a.start, b.start);
  const end = minimum(a.end, b.end);
  return start < end ? { start, end } : undefined;
}

/** Returns all bytes of the ranges as the fewest ranges, lowest first: touching and overlapping ones are joined. */
export function union(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter((range) => !isEmpty(range)).sort((a, b) => (a.start < b.start ? -1 : 1));
  const joined: Range[] = [];
  for (const next of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && next.start <= last.end) {
      joined[joined.length - 1] = { start: last.start, end: maximum(last.end, next.end) };
    } else {
      joined.push(next);
    }
  }
  return joined;
}

/** Returns the bytes of `from` that no range of `less` contains, as the fewest ranges, lowest first. */
export function subtract(from: readonly Range[], less: readonly Range[]): Range[] {
  return subtractFromEach(union(from), less);
}

/**
 * Returns the bytes of each range of `from` that no range of `less` contains, lowest first. Ranges that touch are not
 * joined. One sweep over both lists.
 *
 * @param from - lowest first, without overlaps
 * @param less - in any order; they may overlap
 */
export function subtractFromEach(from: readonly Range[], less: readonly Range[]): Range[] {
  const holes = union(less);
  const remaining: Range[] = [];
  let first = 0;
  for (const whole of from) {
    let start = whole.start;
    while (first < holes.length && (holes[first] as Range).end <= start) first += 1;
    for (let at = first; at < holes.length; at += 1) {
      const hole = holes[at] as Range;
      if (hole.start >= whole.end) break;
      if (hole.start > start) remaining.push({ start, end: hole.start });
      start = maximum(start, hole.end);
    }
    if (start < whole.end) remaining.push({ start, end: whole.end });
  }
  return remaining;
}

/** Returns the bytes of each range of `from` that `within` contains, too: as {@link subtractFromEach}. */
export function intersectEach(from: readonly Range[], within: readonly Range[]): Range[] {
  return subtractFromEach(from, subtract(from, within));
}

/** Whether the ranges are lowest first and do not overlap. They may touch. */
export function areInOrder(ranges: readonly Range[]): boolean {
  return ranges.every(({ start }, index) => index === 0 || (ranges[index - 1] as Range).end <= start);
}

/** Returns the bytes that both sets of ranges contain, as the fewest ranges, lowest first. */
export function intersect(a: readonly Range[], b: readonly Range[]): Range[] {
  return subtract(a, subtract(a, b));
}

/** The number of bytes that the ranges cover; each byte counts once. */
export function totalSize(ranges: readonly Range[]): bigint {
  return union(ranges).reduce((sum, range) => sum + size(range), 0n);
}

/** Formats a range as `0x40000000..0x80000000`: half-open, as ranges are. */
export function formatRange(of: Range): string {
  return `${hex(of.start)}..${hex(of.end)}`;
}
