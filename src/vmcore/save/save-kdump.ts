import type { Codecs } from '../../formats/kdump/page.js';
import { computeKdumpLayout, writeKdumpHeaders } from '../../formats/kdump/write.js';
import type { DumpOutput, Saved, SaveProgress } from './dump-target.js';
import { comparePage, countWrittenPages } from './earlier-pages.js';
import { ensureUnwritten, ensureWritten } from './earlier-run.js';
import { FILTER_LEVELS } from './filter.js';
import { LeftOutCounts } from './frame-windows.js';
import { type FrameWriter, writeBitmaps } from './kdump-bitmaps.js';
import { KdumpPages } from './kdump-pages.js';
import { checkBitmaps, collectKdumpFacts, type KdumpRequest } from './kdump-request.js';
import { KeptFrames } from './kept-frames.js';
import { PageKinds } from './page-kinds.js';
import { PlainRunPacker } from './run-packer.js';
import { writePages } from './write-pages.js';

/**
 * Saves a dump in makedumpfile's compressed format, in which pages of zeros share one place. A save that was begun is
 * resumed after the last page that has a descriptor: descriptors are written after their pages. A stream gets the
 * headers last: without them, what was written is no dump.
 *
 * @throws KexecError, as the output, {@link ensureWritten} and the memory.
 */
export function* saveKdump(
  request: KdumpRequest & { readonly codecs: Codecs },
  { sink, earlier }: DumpOutput,
): Generator<SaveProgress, Saved> {
  const { vmcore, saved, filter, compression, pack, codecs } = request;
  const facts = collectKdumpFacts(request);
  const layout = computeKdumpLayout(facts);
  checkBitmaps(saved, layout);
  const resumedAt = earlier?.size ?? 0n;
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.forFilter(vmcore, filter);
  const kept = kinds === undefined ? undefined : new KeptFrames(kinds);
  const writer: FrameWriter =
    earlier === undefined
      ? { write: (offset, bytes) => sink.write(BigInt(offset), bytes), skip: () => {} }
      : {
          write: (offset, bytes) => ensureWritten(earlier, BigInt(offset), bytes),
          skip: (start, end) => ensureUnwritten(earlier, BigInt(start), BigInt(end)),
        };
  const headers = writeKdumpHeaders(facts);
  if (earlier !== undefined) writer.write(0, headers);
  const total = yield* writeBitmaps(saved, layout, kept?.first, leftOut, writer);
  const unknown = kinds?.unknown ?? 0;

  const table = { descriptorsAt: layout.descriptors, total };
  const plan = { pageSize: saved.pageSize, sharesZeros: (filter & FILTER_LEVELS.zero) !== 0, pack };
  const pages = new KdumpPages(sink, { ...table, ...plan, compression });
  if (pages.zero !== undefined) writer.write(pages.zero.offset, pages.zero.bytes);
  if (earlier !== undefined) pages.resume(countWrittenPages(earlier, table, pages));
  const compare =
    earlier &&
    ((index: number, page: Uint8Array): void =>
      comparePage(earlier, { at: layout.descriptors, index, codecs }, page));
  const packer = request.createPacker?.(plan, total - pages.count) ?? new PlainRunPacker(plan);
  yield* writePages(saved, kept?.second, pages, { packer, total, compare });
  leftOut.add(FILTER_LEVELS.zero, pages.zeros);
  const size = BigInt(pages.end);
  sink.truncate(size);
  if (earlier === undefined) writer.write(0, headers);
  return { size, pages: total, leftOut: leftOut.all, unknown, resumedAt };
}
