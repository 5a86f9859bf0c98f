import type { Range } from '../../../src/base/range.js';
import { FreeMemory } from '../../../src/kexec/free-memory.js';
import type { HoleRequest } from '../../../src/kexec/placement.js';
import { listApart, type Run, rangeOfRun, unite } from '../../support/runs.js';
import { listSearches, searchEveryPage, type Wanted } from './worlds.js';

/** A world, in numbers. */
export interface Bounds {
  readonly pages: number;
  /** The largest number of free ranges. */
  readonly freeRanges: number;
  /** The largest number of segments of a load. */
  readonly segments: number;
}

/** What an exhaustive run found. */
export interface Exhausted {
  readonly machines: number;
  readonly searches: number;
  /** The searches with a place. */
  readonly placed: number;
  /** The first few answers that differ from the reference, in words. */
  readonly violations: readonly string[];
}

/** The search under test. */
export type FindStart = (
  memory: FreeMemory,
  taken: readonly Range[],
  request: HoleRequest,
) => bigint | undefined;

const MAX_VIOLATIONS = 5;

/**
 * Asks for every place on every machine of a world: every list of free ranges, every place that the earlier segments of a load can
 * have there, and every next segment. A search depends on nothing else, so this covers every load.
 */
export function exhaust({ pages, freeRanges, segments }: Bounds, findStart: FindStart): Exhausted {
  const searches = listSearches(pages);
  const earlier = Array.from(listApart(pages, segments - 1), (runs) => ({
    pages: unite(runs),
    ranges: runs.map(rangeOfRun),
  }));
  let [machines, placed, asked] = [0, 0, 0];
  const violations: string[] = [];
  for (const free of listApart(pages, freeRanges)) {
    machines += 1;
    const ranges = free.map(rangeOfRun);
    const [memory, ascending] = [new FreeMemory(ranges), new FreeMemory(ranges, true)];
    const freePages = unite(free);
    for (const taken of earlier.filter((segments) => (segments.pages & ~freePages) === 0)) {
      for (const { wanted, request } of searches) {
        const searched = wanted.order === 'ascending' ? ascending : memory;
        const found = pageOf(findStart(searched, taken.ranges, request));
        const expected = searchEveryPage(free, taken.pages, wanted);
        asked += 1;
        if (expected !== undefined) placed += 1;
        if (found === expected) continue;
        violations.push(describe(free, taken.pages, wanted, `found ${found}, reference ${expected}`));
        if (violations.length === MAX_VIOLATIONS) return { machines, searches: asked, placed, violations };
      }
    }
  }
  return { machines, searches: asked, placed, violations };
}

/** The search of the project. */
export const ownSearch: FindStart = (memory, taken, request) => memory.findStart(taken, request);

function pageOf(address: bigint | undefined): number | undefined {
  return address === undefined ? undefined : Number(address / 4096n);
}

function describe(free: readonly Run[], taken: number, wanted: Wanted, answers: string): string {
  return `free ${JSON.stringify(free)}, taken 0b${taken.toString(2)}, ${JSON.stringify(wanted)}: ${answers}`;
}
