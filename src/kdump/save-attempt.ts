import { FILTER_ALL, FILTER_LEVELS, needsStructPages } from '../vmcore/save/filter.js';

/** A way to save a dump: with a filter, or as a copy of /proc/vmcore as it is. */
export type SaveAttempt = { readonly kind: 'filtered'; readonly filter: number } | { readonly kind: 'copy' };

/** What is tried after an attempt that failed, and why. */
export interface NextAttempt {
  readonly attempt: SaveAttempt;
  /** A clause for the console: `without all that can be left out`. */
  readonly words: string;
}

/**
 * Chooses what is tried after a failed attempt, so that something is saved: less, if the disk is full; more, if what the
 * filter needs to know cannot be read; in the end a plain copy.
 *
 * @param failed - the attempts so far, none of which succeeded; the last one ended for the reason in question
 * @param isFull - whether that is a full disk
 * @returns undefined if nothing is left to try
 */
export function chooseNextAttempt(failed: readonly SaveAttempt[], isFull: boolean): NextAttempt | undefined {
  const candidates = isFull ? [SMALLEST] : [UNFILTERED, COPY];
  return candidates.find(
    ({ attempt }) => isUseful(attempt, failed) && !failed.some((tried) => isSame(tried, attempt)),
  );
}

const SMALLEST: NextAttempt = {
  attempt: { kind: 'filtered', filter: FILTER_ALL },
  words: 'again, without all pages that can be left out',
};

const UNFILTERED: NextAttempt = {
  attempt: { kind: 'filtered', filter: FILTER_LEVELS.zero },
  words: 'again, with all pages but those of zeros',
};

const COPY: NextAttempt = { attempt: { kind: 'copy' }, words: 'again, as a plain copy of /proc/vmcore' };

/** A filter that does not read `struct page` cannot fail for it a second time. */
function isUseful(attempt: SaveAttempt, failed: readonly SaveAttempt[]): boolean {
  const last = failed.at(-1);
  if (last?.kind !== 'filtered') return false;
  return attempt.kind === 'copy' || attempt.filter === FILTER_ALL || needsStructPages(last.filter);
}

function isSame(a: SaveAttempt, b: SaveAttempt): boolean {
  if (a.kind === 'copy' || b.kind === 'copy') return a.kind === b.kind;
  return a.filter === b.filter;
}
