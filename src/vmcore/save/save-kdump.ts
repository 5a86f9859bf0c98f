import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { writeNotes } from '../../formats/elf/notes.js';
import type { Codecs } from '../../formats/kdump/page.js';
import {
  type Compression,
  computeKdumpLayout,
  type KdumpFacts,
  type KdumpLayout,
  writeKdumpHeaders,
} from '../../formats/kdump/write.js';
import { findVmcoreinfoNote } from '../address/vmcoreinfo.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { readCpuStates } from '../summary/cpu-states.js';
import { readUts } from '../summary/uts.js';
import {
  type DumpTarget,
  ensureUnwritten,
  ensureWritten,
  type Saved,
  type SaveProgress,
} from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import { type FrameWindow, findKeptRuns, LeftOutCounts, walkFrameWindows } from './frame-windows.js';
import { KdumpPages, type Pack } from './kdump-pages.js';
import { KIND_KEPT, PageKinds } from './page-kinds.js';
import { MAX_READ_BYTES, readFrames, type SavedMemory } from './saved-memory.js';

/** What a compressed dump is built from. */
interface KdumpRequest {
  readonly vmcore: Vmcore;
  readonly saved: SavedMemory;
  /** {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly compression: Compression;
  /** Not called without compression. */
  readonly pack: Pack;
  readonly codecs: Codecs;
}

/**
 * How large the bitmaps of a copy may be, in bytes, unless the dump is larger: they have a bit for each page frame up
 * to the highest, whatever lies below it. This is enough for addresses of 42 bits.
 */
const MAX_BITMAPS_BYTES = 1 << 28;

/** In VMCOREINFO's note, the text follows 12 bytes of header and a name of 11 bytes, padded to 12. */
const VMCOREINFO_TEXT_OFFSET = 24;

/**
 * Saves a dump in makedumpfile's compressed format, in which pages of zeros share one place. A save that was begun is
 * resumed after the last page that has a descriptor: descriptors are written after their pages.
 *
 * @throws KexecError, as the target, {@link ensureWritten} and the memory.
 */
export function* saveKdump(request: KdumpRequest, target: DumpTarget): Generator<SaveProgress, Saved> {
  const { vmcore, saved, filter, compression, pack, codecs } = request;
  const facts = collectKdumpFacts(request);
  const layout = computeKdumpLayout(facts);
  checkBitmaps(saved, layout);
  const resumedAt = target.size;
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.forFilter(vmcore, filter);
  ensureWritten(target, 0n, writeKdumpHeaders(facts));
  const total = yield* writeBitmaps(saved, layout, kinds, leftOut, target);

  const pages = new KdumpPages(target, {
    pageSize: saved.pageSize,
    total,
    descriptorsAt: layout.descriptors,
    compression,
    pack,
    codecs,
    sharesZeros: (filter & FILTER_LEVELS.zero) !== 0,
  });
  yield* writePages(saved, layout, pages, total, target);
  leftOut.add(FILTER_LEVELS.zero, pages.zeros);
  const size = BigInt(pages.end);
  target.truncate(size);
  return { size, pages: total, leftOut: leftOut.all, unknown: kinds?.unknown ?? 0, resumedAt };
}

/** Refuses a dump of few pages at high addresses, whose copy would have more bitmaps than pages. */
function checkBitmaps({ total, frames, pageSize }: SavedMemory, layout: KdumpLayout): void {
  const bytes = layout.descriptors - layout.ramBitmap;
  if (bytes <= Math.max(MAX_BITMAPS_BYTES, total)) return;
  const seen = `the dump has ${formatSize(BigInt(total))} of memory up to ${hex(BigInt(frames) * BigInt(pageSize))}, for which the copy needs bitmaps of ${formatSize(BigInt(bytes))}`;
  refuse('dump-save', 'EINVAL', seen, { cure: 'save it as ELF, which has no bitmaps: --format elf' });
}

/** Writes the pages that the bitmap keeps; those that an earlier run wrote are compared. */
function* writePages(
  saved: SavedMemory,
  layout: KdumpLayout,
  pages: KdumpPages,
  total: number,
  target: DumpTarget,
): Generator<SaveProgress> {
  const { pageSize } = saved;
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
    };
  };
  yield progress();
  for (const window of walkFrameWindows(pageSize, saved.ranges, undefined)) {
    readKeptFrames(target, layout, window);
    for (const run of findKeptRuns(window, Math.max(1, MAX_READ_BYTES / pageSize))) {
      const bytes = readFrames(saved, run.start, run.end);
      for (let at = 0; at < bytes.length; at += pageSize) {
        const page = bytes.subarray(at, at + pageSize);
        if (index < written) pages.compare(index, page);
        else pages.add(page);
        index += 1;
      }
      yield progress();
    }
  }
  pages.flush();
}

function collectKdumpFacts({ vmcore, saved, filter, compression }: KdumpRequest): KdumpFacts {
  const { notes, vmcoreinfo } = vmcore;
  const note = findVmcoreinfoNote(notes);
  const index = note === undefined ? -1 : notes.indexOf(note);
  const at = writeNotes(notes.slice(0, Math.max(index, 0))).length + VMCOREINFO_TEXT_OFFSET;
  return {
    pageSize: saved.pageSize,
    compression,
    dumpLevel: filter,
    physBase: vmcoreinfo.number('PHYS_OFFSET') ?? 0n,
    frames: saved.frames,
    time: Number(vmcoreinfo.lines.CRASHTIME ?? 0) || 0,
    cpus: readCpuStates(notes).length,
    uts: findUts(vmcore),
    notes: writeNotes(notes),
    ...(note === undefined ? {} : { vmcoreinfo: { at, size: note.descriptor.length } }),
  };
}

/** uname(2) of the crashed kernel; if it cannot be read, as much of it as VMCOREINFO has. */
function findUts(vmcore: Vmcore): readonly string[] {
  const uts = attempt(() => readUts(vmcore));
  return uts instanceof KexecError
    ? ['Linux', '', vmcore.vmcoreinfo.lines.OSRELEASE ?? '', '', 'aarch64', '']
    : Object.values(uts);
}

/** Writes the bitmaps of frames that are RAM, and of those that are kept. Returns the number of the latter. */
function* writeBitmaps(
  saved: SavedMemory,
  { ramBitmap, dumpedBitmap }: KdumpLayout,
  kinds: PageKinds | undefined,
  leftOut: LeftOutCounts,
  target: DumpTarget,
): Generator<SaveProgress, number> {
  let pages = 0;
  let done = 0;
  // The end of what was written of each bitmap, from its start.
  let end = 0;
  for (const window of walkFrameWindows(saved.pageSize, saved.ranges, kinds)) {
    const ram = new Uint8Array(Math.ceil(window.present.length / 8));
    const dumped = new Uint8Array(ram.length);
    for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
      const bit = 1 << (index & 7);
      ram[index >> 3] = (ram[index >> 3] ?? 0) | bit;
      done += saved.pageSize;
      if (window.kinds[index] !== KIND_KEPT) continue;
      dumped[index >> 3] = (dumped[index >> 3] ?? 0) | bit;
      pages += 1;
    }
    leftOut.addWindow(window);
    const at = window.first / 8;
    for (const [start, bits] of [
      [ramBitmap, ram],
      [dumpedBitmap, dumped],
    ] as const) {
      ensureUnwritten(target, BigInt(start + end), BigInt(start + at));
      ensureWritten(target, BigInt(start + at), bits);
    }
    end = at + ram.length;
    yield { phase: 'look', done: Math.min(done, saved.total), total: saved.total };
  }
  ensureUnwritten(target, BigInt(ramBitmap + end), BigInt(dumpedBitmap));
  return pages;
}

/** Sets a window's kinds from the bitmap that was written: every frame that is not kept gets the same other kind. */
function readKeptFrames(target: DumpTarget, { dumpedBitmap }: KdumpLayout, window: FrameWindow): void {
  const at = dumpedBitmap + window.first / 8;
  const bits = target.read(BigInt(at), Math.ceil(window.present.length / 8));
  for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
    const isKept = ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    window.kinds[index] = isKept ? KIND_KEPT : FILTER_LEVELS.free;
  }
}
