/**
 * What may be left out of a dump that is saved: the numbers are those of makedumpfile's -d, and add up.
 */
export const FILTER_LEVELS = {
  /** Pages of zeros. */
  zero: 1,
  /** Page cache, without what file systems keep privately. */
  cache: 2,
  /** Page cache, all of it. */
  'cache-private': 4,
  /** Memory of processes: anonymous, and of hugetlbfs. */
  user: 8,
  /** Pages that the buddy allocator has. */
  free: 16,
} as const;

/** The name of a level. */
export type FilterLevel = keyof typeof FILTER_LEVELS;

/** All levels together. */
export const FILTER_ALL = 31;

/** Levels that are told by the kernel's `struct page`. */
const BY_STRUCT_PAGE = FILTER_ALL - FILTER_LEVELS.zero;

/** Whether a filter needs to know what the kernel used a page for. */
export function needsStructPages(filter: number): boolean {
  return (filter & BY_STRUCT_PAGE) !== 0;
}

/**
 * A filter, as it is asked for: a number from 0 to 31, or names with commas between them; `all` and `none` too.
 *
 * @returns undefined if it is neither.
 */
export function parseFilter(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text) <= FILTER_ALL ? Number(text) : undefined;
  if (text === 'none') return 0;
  if (text === 'all') return FILTER_ALL;
  let filter = 0;
  for (const name of text.split(',')) {
    if (!Object.hasOwn(FILTER_LEVELS, name)) return undefined;
    filter |= FILTER_LEVELS[name as FilterLevel];
  }
  return filter;
}
