import type { SaveProgress } from './dump-target.js';
import { findKeptRuns, walkFrameWindows } from './frame-windows.js';
import type { FrameMarker } from './kept-frames.js';
import type { PackedRun } from './pack-run.js';
import { countRunBytes, type RunPacker } from './run-packer.js';
import { readFrames, type SavedMemory } from './saved-memory.js';

/** Where packed pages go: one file, or several, each with a part of them. */
export interface PageOutput {
  /** The number of pages so far. */
  readonly count: number;
  /** The estimated size of all files, in bytes, and the size so far. */
  readonly size: number;
  readonly end: number;
  /**
   * Prepares for the pages from a frame on.
   *
   * @returns how many may be added at once
   */
  begin(frame: number): number;
  /** Adds a run of pages: their number, and the length of their packed bytes. */
  add(run: PackedRun, count: number, length: number): void;
  /** Writes what was collected. */
  flush(): void;
}

/** How the pages that are kept are written. */
interface WritePlan {
  readonly packer: RunPacker;
  /** The number of pages. */
  readonly total: number;
  /** Compares a page that an earlier run wrote. */
  readonly compare?: ((index: number, page: Uint8Array) => void) | undefined;
}

/** Packs and writes the pages that are kept, lowest first. */
export function* writePages(
  saved: SavedMemory,
  marker: FrameMarker | undefined,
  pages: PageOutput,
  { packer, total, compare }: WritePlan,
): Generator<SaveProgress> {
  const { pageSize } = saved;
  const maxFrames = countRunBytes(pageSize) / pageSize;
  const written = pages.count;
  let index = 0;
  const progress = (): SaveProgress => {
    const isAtWritten = index < written;
    const pagesInPhase = isAtWritten ? written : total;
    return {
      phase: isAtWritten ? 'compare' : 'save',
      done: index * pageSize,
      total: pagesInPhase * pageSize,
      size: pages.size,
      minSize: pages.end,
    };
  };
  yield progress();
  for (const window of walkFrameWindows(pageSize, saved.ranges, marker)) {
    for (const { start, end } of findKeptRuns(window, maxFrames)) {
      for (let from = start; from < end; ) {
        if (packer.isFull) addFinished(pages, packer);
        const stop = Math.min(end, from + pages.begin(from));
        if (index < written) {
          const compared = Math.min(stop, from + written - index);
          const bytes = readFrames(saved, from, compared);
          for (let at = 0; at < bytes.length; at += pageSize, index += 1)
            compare?.(index, bytes.subarray(at, at + pageSize));
          from = compared;
        } else {
          packer.push(readFrames(saved, from, stop, packer.input).length);
          index += stop - from;
          from = stop;
        }
        yield progress();
      }
    }
  }
  while (addFinished(pages, packer)) yield progress();
  pages.flush();
}

/** Adds the run that was pushed first. @returns whether there was one */
function addFinished(pages: PageOutput, packer: RunPacker): boolean {
  const run = packer.take();
  if (run !== undefined) pages.add(run.packed, run.count, run.length);
  return run !== undefined;
}
