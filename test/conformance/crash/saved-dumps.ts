import { join } from 'node:path';
import { FILTER_ALL } from '../../../src/vmcore/save/filter.js';
import { kexecFile } from './checks.js';

/** All of them leave out free pages, so that no file gets large. */
export const FILTERS = [16, 18, 20, 24, FILTER_ALL];

/** The path of the dump that {@link saveDumps} saves by a filter. */
export function savedPath(vmcore: string, filter: number): string {
  return join(vmcore, '..', `ours-${filter}`);
}

/** Saves a complete vmcore by each of {@link FILTERS}, beside it. */
export function saveDumps(vmcore: string): void {
  for (const filter of FILTERS)
    kexecFile('vmcore', 'save', vmcore, '-o', savedPath(vmcore, filter), '--filter', String(filter));
}
