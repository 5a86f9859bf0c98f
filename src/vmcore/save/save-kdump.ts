import { attempt, KexecError } from '../../base/error.js';
import { writeNotes } from '../../formats/elf/notes.js';
import {
  type Compression,
  computeKdumpLayout,
  type KdumpFacts,
  type KdumpLayout,
  writeKdumpHeaders,
} from '../../formats/kdump/write.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { readCpuStates } from '../summary/cpu-states.js';
import { readUts } from '../summary/vmcore-summary.js';
import { type DumpTarget, ensureWritten, type Saved, type SaveProgress } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import {
  type FrameWindow,
  findKeptRuns,
  LeftOutCounts,
  WINDOW_FRAMES,
  walkFrameWindows,
} from './frame-windows.js';
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
}

/** The bitmaps cover a window by this many bytes: a bit for each frame. */
const WINDOW_BITMAP_BYTES = WINDOW_FRAMES / 8;

/** In VMCOREINFO's note, the text follows 12 bytes of header and a name of 11 bytes, padded to 12. */
const VMCOREINFO_TEXT_OFFSET = 24;

/**
 * Saves a dump in makedumpfile's compressed format, in which pages of zeros share one place. A save that was begun is
 * resumed after the last page that has a descriptor: descriptors are written after their pages.
 *
 * @throws KexecError, as the target, {@link ensureWritten} and the memory.
 */
export function* saveKdump(request: KdumpRequest, target: DumpTarget): Generator<SaveProgress, Saved> {
  const { vmcore, saved, filter, compression, pack } = request;
  const facts = collectKdumpFacts(request);
  const layout = computeKdumpLayout(facts);
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
    sharesZeros: (filter & FILTER_LEVELS.zero) !== 0,
  });
  yield* writePages(saved, layout, pages, total, target);
  leftOut.add(FILTER_LEVELS.zero, pages.zeros);
  const size = BigInt(pages.end);
  target.truncate(size);
  return { size, pages: total, leftOut: leftOut.all, unknown: kinds?.unknown ?? 0, resumedAt };
}

/** Writes the pages that the bitmap keeps, except those that an earlier run wrote. */
function* writePages(
  saved: SavedMemory,
  layout: KdumpLayout,
  pages: KdumpPages,
  total: number,
  target: DumpTarget,
): Generator<SaveProgress> {
  const { pageSize } = saved;
  const progress = (): SaveProgress => ({
    phase: 'save',
    done: pages.count * pageSize,
    total: total * pageSize,
    size: pages.size,
  });
  yield progress();
  let skip = pages.count;
  for (const window of walkFrameWindows(pageSize, saved.ranges, undefined)) {
    readKeptFrames(target, layout, window);
    for (const run of findKeptRuns(window, Math.max(1, MAX_READ_BYTES / pageSize))) {
      const start = Math.min(run.start + skip, run.end);
      skip -= start - run.start;
      if (start === run.end) continue;
      const bytes = readFrames(saved, start, run.end);
      for (let at = 0; at < bytes.length; at += pageSize) pages.add(bytes.subarray(at, at + pageSize));
      yield progress();
    }
  }
  pages.flush();
}

function collectKdumpFacts({ vmcore, saved, filter, compression }: KdumpRequest): KdumpFacts {
  const { notes, vmcoreinfo } = vmcore;
  const index = notes.findIndex(({ name }) => name === 'VMCOREINFO');
  const note = notes[index];
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
  for (const window of walkFrameWindows(saved.pageSize, saved.ranges, kinds)) {
    const ram = new Uint8Array(WINDOW_BITMAP_BYTES);
    const dumped = new Uint8Array(WINDOW_BITMAP_BYTES);
    for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
      const bit = 1 << (index & 7);
      ram[index >> 3] = (ram[index >> 3] ?? 0) | bit;
      if (window.kinds[index] !== KIND_KEPT) continue;
      dumped[index >> 3] = (dumped[index >> 3] ?? 0) | bit;
      pages += 1;
    }
    leftOut.addWindow(window);
    const at = window.first / 8;
    const size = Math.min(WINDOW_BITMAP_BYTES, dumpedBitmap - ramBitmap - at);
    ensureWritten(target, BigInt(ramBitmap + at), ram.subarray(0, size));
    ensureWritten(target, BigInt(dumpedBitmap + at), dumped.subarray(0, size));
    yield { phase: 'look', done: countPresentBelow(saved, window.first + WINDOW_FRAMES), total: saved.total };
  }
  return pages;
}

/** Sets a window's kinds from the bitmap that was written: every frame that is not kept gets the same other kind. */
function readKeptFrames(
  target: DumpTarget,
  { dumpedBitmap, descriptors }: KdumpLayout,
  window: FrameWindow,
): void {
  const at = dumpedBitmap + window.first / 8;
  const bits = target.read(BigInt(at), Math.min(WINDOW_BITMAP_BYTES, descriptors - at));
  for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
    const isKept = ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    window.kinds[index] = isKept ? KIND_KEPT : FILTER_LEVELS.free;
  }
}

/** The number of bytes that are present below a page frame. */
function countPresentBelow({ ranges, pageSize }: SavedMemory, frame: number): number {
  let sum = 0;
  for (const { start, end } of ranges) {
    if (start >= frame * pageSize) break;
    sum += Math.min(end, frame * pageSize) - start;
  }
  return sum;
}
