/**
 * Runs of pages in worlds of a few pages, for exhaustive tests. A set of pages is a number with a bit for each page, so that
 * nothing here is shared with the ranges of the code under test.
 */
import type { Range } from '../../src/base/range.js';

const PAGE = 4096n;

/** A run of neighbouring pages: its first page, and the page after its last. */
export interface Run {
  readonly first: number;
  readonly end: number;
}

/** The pages of a run, as a set. */
export function pagesOf({ first, end }: Run): number {
  return (1 << end) - (1 << first);
}

/** The pages that are in any run, as a set. */
export function unite(runs: readonly Run[]): number {
  return runs.reduce((pages, run) => pages | pagesOf(run), 0);
}

/** The range of a run, in bytes. */
export function rangeOfRun({ first, end }: Run): Range {
  return { start: BigInt(first) * PAGE, end: BigInt(end) * PAGE };
}

/** The run of a range that begins and ends on pages. */
export function runOfRange({ start, end }: Range): Run {
  return { first: Number(start / PAGE), end: Number(end / PAGE) };
}

/** Every run of a world. */
export function listRuns(pages: number): Run[] {
  return Array.from({ length: pages }, (_, first) =>
    Array.from({ length: pages - first }, (_, length) => ({ first, end: first + length + 1 })),
  ).flat();
}

/** Every list of up to `most` runs, lowest first and apart from each other; neighbours may touch. */
export function* listApart(pages: number, most: number, from = 0): Generator<readonly Run[]> {
  yield [];
  if (most === 0) return;
  for (const run of listRuns(pages).filter(({ first }) => first >= from))
    for (const others of listApart(pages, most - 1, run.end)) yield [run, ...others];
}
