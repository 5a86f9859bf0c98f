import { join } from 'node:path';
import { Bitmap, type BitRun } from '../../../src/formats/kdump/bitmap.js';
import { readKdumpHeader } from '../../../src/formats/kdump/header.js';
import type { FileSource } from '../../../src/node/files/file-source.js';
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

/** The page frames in a compressed dump. */
export function keptRuns(source: FileSource): BitRun[] {
  const { dumpedBitmap, bitmapSize } = readKdumpHeader(source);
  return [...new Bitmap(source, dumpedBitmap, bitmapSize).runs()];
}
