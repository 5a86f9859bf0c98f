import { refuse } from '../../base/error.js';
import { computeKdumpLayout, writeKdumpHeaders } from '../../formats/kdump/write.js';
import type { DumpSink, Saved, SaveProgress } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import { LeftOutCounts } from './frame-windows.js';
import { writeBitmaps } from './kdump-bitmaps.js';
import { KdumpPages } from './kdump-pages.js';
import { checkBitmaps, collectKdumpFacts, type KdumpRequest } from './kdump-request.js';
import { KeptFrames } from './kept-frames.js';
import type { PackedRun } from './pack-run.js';
import { PageKinds } from './page-kinds.js';
import { PlainRunPacker } from './run-packer.js';
import { type PageOutput, writePages } from './write-pages.js';

/** The most files of a split dump: each is open until all are complete. */
const MAX_PARTS = 64;

/** What was saved into several files. */
export interface SavedParts extends Omit<Saved, 'size' | 'resumedAt'> {
  /** The size of each file in bytes. */
  readonly sizes: readonly bigint[];
}

/**
 * Saves a dump into several files in makedumpfile's compressed format, as makedumpfile --split does: each has all
 * bitmaps, and the pages of a range of page frames, about as many as the others. Headers are written last.
 *
 * @throws KexecError `EINVAL`, check `dump-save`, for fewer than 2 files or too many; or as the sinks and the memory.
 */
export function* saveSplitKdump(
  request: KdumpRequest,
  sinks: readonly DumpSink[],
): Generator<SaveProgress, SavedParts> {
  const { vmcore, saved, filter, compression, pack } = request;
  if (sinks.length < 2 || sinks.length > MAX_PARTS)
    refuse('dump-save', 'EINVAL', `${sinks.length} files; a dump is split into 2 to ${MAX_PARTS}`);
  const facts = collectKdumpFacts(request);
  const layout = computeKdumpLayout(facts);
  checkBitmaps(saved, layout);
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.forFilter(vmcore, filter);
  const kept = kinds === undefined ? undefined : new KeptFrames(kinds);
  const total = yield* writeBitmaps(saved, layout, kept?.first, leftOut, {
    write: (offset, bytes) => {
      for (const sink of sinks) sink.write(BigInt(offset), bytes);
    },
    skip: () => {},
  });
  const unknown = kinds?.unknown ?? 0;

  const plan = { pageSize: saved.pageSize, sharesZeros: (filter & FILTER_LEVELS.zero) !== 0, pack };
  const parts = sinks.map((sink, index) => {
    const countBelow = (part: number): number => Math.floor((total * part) / sinks.length);
    const count = countBelow(index + 1) - countBelow(index);
    const table = { descriptorsAt: layout.descriptors, total: count };
    const pages = new KdumpPages(sink, { ...table, ...plan, compression });
    const { zero } = pages;
    if (zero !== undefined) sink.write(BigInt(zero.offset), zero.bytes);
    return { sink, pages, total: count };
  });
  const output = new SplitPages(parts);
  // What a file still gets is known when its last run is packed: one run at a time.
  yield* writePages(saved, kept?.second, output, { packer: new PlainRunPacker(plan), total });
  const starts = [...output.starts, saved.frames];
  for (const [index, { sink, pages }] of parts.entries()) {
    leftOut.add(FILTER_LEVELS.zero, pages.zeros);
    sink.truncate(BigInt(pages.end));
    const start = starts[index] ?? saved.frames;
    const end = starts[index + 1] ?? saved.frames;
    sink.write(0n, writeKdumpHeaders({ ...facts, part: { start, end } }));
  }
  const sizes = parts.map(({ pages }) => BigInt(pages.end));
  return { sizes, pages: total, leftOut: leftOut.all, unknown };
}

/** The pages of one of the files. */
interface Part {
  readonly pages: KdumpPages;
  /** How many pages it gets. */
  readonly total: number;
}

/** Writes pages into several files, one file after the other. */
class SplitPages implements PageOutput {
  count = 0;
  /** The first page frame of each file so far; that of the first file is 0. */
  readonly starts: number[] = [0];
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  get size(): number {
    const { size, start } = this.#current.pages;
    const packed = (size - start) * this.#parts.length;
    return this.#parts.reduce((sum, { pages }) => sum + pages.start, packed);
  }

  get end(): number {
    return this.#parts.reduce((sum, { pages }) => sum + pages.end, 0);
  }

  begin(frame: number): number {
    while (this.#current.pages.count === this.#current.total) {
      this.#current.pages.flush();
      this.starts.push(frame);
    }
    return this.#current.total - this.#current.pages.count;
  }

  add(run: PackedRun, count: number, length: number): void {
    this.#current.pages.add(run, count, length);
    this.count += count;
  }

  flush(): void {
    for (const { pages } of this.#parts) pages.flush();
  }

  get #current(): Part {
    return this.#parts[this.starts.length - 1] as Part;
  }
}
