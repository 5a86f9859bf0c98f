/** Which pages are left out of a saved dump. The numbers are those of makedumpfile's -d, and are added up. */
export const FILTER_LEVELS = {
  /** Pages of zeros. */
  zero: 1,
  /** Page cache, except pages with private data of file systems. */
  cache: 2,
  /** Page cache, all of it. */
  'cache-private': 4,
  /** Memory of processes: anonymous, and of hugetlbfs. */
  user: 8,
  /** Free pages of the buddy allocator. */
  free: 16,
} as const;

/** The name of a level. */
export type FilterLevel = keyof typeof FILTER_LEVELS;

/** All levels together. */
export const FILTER_ALL = 31;

/** Levels that are decided by the kernel's `struct page`. */
const STRUCT_PAGE_LEVELS = FILTER_ALL - FILTER_LEVELS.zero;

/** Whether a filter needs to know what the kernel used a page for. */
export function needsStructPages(filter: number): boolean {
  return (filter & STRUCT_PAGE_LEVELS) !== 0;
}

/**
 * Parses a filter: a number from 0 to 31, names separated by commas, `all` or `none`.
 *
 * @returns undefined if it is none of these
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
