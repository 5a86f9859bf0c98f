/** Searches in worlds of a few pages, and the reference that tries every page. */
import type { HoleRequest } from '../../../src/kexec/placement.js';
import { listRuns, pagesOf, type Run, rangeOfRun } from '../../support/runs.js';

const PAGE = 4096n;

/** What a search asks for, in pages. */
export interface Wanted {
  readonly size: number;
  readonly alignment: number;
  readonly window: Run;
  /** `ascending`: the lowest range with room, and the highest place in it, as x86_64's kernel searches. */
  readonly order: 'bottom-up' | 'top-down' | 'ascending';
}

/** A search as the code under test takes it, beside what it asks for. */
export interface Search {
  readonly wanted: Wanted;
  readonly request: HoleRequest;
}

/** Every search of a world: every size, alignment, window and order. */
export function listSearches(pages: number): Search[] {
  const sizes = Array.from({ length: pages }, (_, index) => index + 1);
  const alignments = [1, 2, 4, 8].filter((alignment) => alignment < 2 * pages);
  const orders = ['bottom-up', 'top-down', 'ascending'] as const;
  return listRuns(pages).flatMap((window) =>
    sizes.flatMap((size) =>
      alignments.flatMap((alignment) =>
        orders.map(
          (order): Search => ({
            wanted: { size, alignment, window, order },
            request: {
              size: BigInt(size) * PAGE,
              alignment: BigInt(alignment) * PAGE,
              window: rangeOfRun(window),
              direction: order === 'bottom-up' ? 'bottom-up' : 'top-down',
            },
          }),
        ),
      ),
    ),
  );
}

/**
 * Searches by trying every page: the reference.
 *
 * @param free - lowest first
 * @param taken - the pages of earlier segments, as a set
 * @returns the first page of the place; undefined if there is none
 */
export function searchEveryPage(free: readonly Run[], taken: number, wanted: Wanted): number | undefined {
  let found: number | undefined;
  for (const run of free) {
    for (let page = run.first; page + wanted.size <= run.end; page += 1) {
      if (page % wanted.alignment !== 0) continue;
      if (page < wanted.window.first || page + wanted.size > wanted.window.end) continue;
      if ((pagesOf({ first: page, end: page + wanted.size }) & taken) !== 0) continue;
      if (wanted.order === 'bottom-up') return page;
      found = page;
    }
    if (wanted.order === 'ascending' && found !== undefined) return found;
  }
  return found;
}
