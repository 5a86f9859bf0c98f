import { compareText, compareVersions } from '../compare-versions.js';
import type { EntryFileName } from './type1-entry.js';

/** What the order of entries depends on. */
export interface SortFacts extends EntryFileName {
  readonly sortKey?: string | undefined;
  readonly machineId?: string | undefined;
  readonly version?: string | undefined;
}

/** Whether a boot loader has tried an entry as often as it may. */
export function isBad({ triesLeft }: EntryFileName): boolean {
  return triesLeft === 0;
}

/**
 * Compares two entries for the order of a menu, in which the first is the default: Boot Loader Specification,
 * "Sorting". Entries that failed come last, those without sort-key behind the others; a newer version comes first.
 */
export function compareEntries(a: SortFacts, b: SortFacts): number {
  return (
    Number(isBad(a)) - Number(isBad(b)) ||
    Number(a.sortKey === undefined) - Number(b.sortKey === undefined) ||
    (a.sortKey === undefined || b.sortKey === undefined ? 0 : compareKeys(a, b)) ||
    compareVersions(b.name, a.name) ||
    (b.triesLeft ?? 0) - (a.triesLeft ?? 0) ||
    (a.triesDone ?? 0) - (b.triesDone ?? 0)
  );
}

function compareKeys(a: SortFacts, b: SortFacts): number {
  return (
    compareText(a.sortKey ?? '', b.sortKey ?? '') ||
    compareText(a.machineId ?? '', b.machineId ?? '') ||
    compareVersions(b.version ?? '', a.version ?? '')
  );
}
