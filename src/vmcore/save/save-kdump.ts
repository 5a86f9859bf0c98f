import { KexecError } from '../../base/error.js';
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
import { READ_AT_ONCE, readFrames, type SavedMemory } from './saved-memory.js';

/** What a compressed dump is made of. */
export interface KdumpRequest {
  readonly vmcore: Vmcore;
  readonly saved: SavedMemory;
  /** {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly compression: Compression;
  /** Not called without compression. */
  readonly pack: Pack;
}

/**
 * Saves a dump as makedumpfile's compressed format, whose pages of zeros share one place. What was begun before is gone
 * on with: all that was written of it is found by its page descriptors, which are written after the pages.
 *
 * @throws KexecError, as the target and {@link ensureWritten} refuse, and as the memory refuses.
 */
export function* saveKdump(request: KdumpRequest, target: DumpTarget): Generator<SaveProgress, Saved> {
  const { vmcore, saved, filter, compression, pack } = request;
  const facts = kdumpFacts(request);
  const layout = computeKdumpLayout(facts);
  const begunAt = target.size;
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.for(vmcore, filter);
  ensureWritten(target, 0n, writeKdumpHeaders(facts));
  const pages = yield* writeBitmaps(request, layout, kinds, leftOut, target);

  const output = new KdumpPages(target, {
    ...{ pageSize: saved.pageSize, total: pages, descriptorsAt: layout.descriptors },
    ...{ compression, pack, sharesZeros: (filter & FILTER_LEVELS.zero) !== 0 },
  });
  const progress = (): SaveProgress => ({
    phase: 'save',
    done: output.count * saved.pageSize,
    total: pages * saved.pageSize,
    size: output.size,
  });
  yield progress();
  let skip = output.count;
  for (const window of walkFrameWindows(saved.pageSize, saved.ranges, undefined)) {
    readKept(target, layout, window);
    for (const run of findKeptRuns(window, Math.max(1, READ_AT_ONCE / saved.pageSize))) {
      const start = Math.min(run.start + skip, run.end);
      skip -= start - run.start;
      if (start === run.end) continue;
      const bytes = readFrames(saved, start, run.end);
      for (let at = 0; at < bytes.length; at += saved.pageSize)
        output.add(bytes.subarray(at, at + saved.pageSize));
      yield progress();
    }
  }
  output.flush();
  leftOut.add(FILTER_LEVELS.zero, output.zeros);
  const size = BigInt(output.end);
  target.truncate(size);
  return { size, pages, leftOut: leftOut.all, unknown: kinds?.unknown ?? 0, resumedAt: begunAt };
}

function kdumpFacts({ vmcore, saved, filter, compression }: KdumpRequest): KdumpFacts {
  const { notes, vmcoreinfo } = vmcore;
  const before = notes.findIndex(({ name }) => name === 'VMCOREINFO');
  const info = notes[before];
  // A note's header has 12 bytes, the name 11 and is padded to 4.
  const at = writeNotes(notes.slice(0, Math.max(before, 0))).length + 24;
  return {
    pageSize: saved.pageSize,
    compression,
    dumpLevel: filter,
    physBase: vmcoreinfo.number('PHYS_OFFSET') ?? 0n,
    frames: saved.frames,
    time: Number(vmcoreinfo.lines.CRASHTIME ?? 0) || 0,
    cpus: readCpuStates(notes, () => {}).length,
    uts: utsOf(vmcore),
    notes: writeNotes(notes),
    ...(info === undefined ? {} : { vmcoreinfo: { at, size: info.descriptor.length } }),
  };
}

/** As uname(2) gave it; where that cannot be read, what is known all the same. */
function utsOf(vmcore: Vmcore): readonly string[] {
  try {
    return Object.values(readUts(vmcore));
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return ['Linux', '', vmcore.vmcoreinfo.lines.OSRELEASE ?? '', '', 'aarch64', ''];
  }
}

/** Writes which frames are RAM and which of them are kept; gives the number of those. */
function* writeBitmaps(
  { saved }: KdumpRequest,
  { ramBitmap, dumpedBitmap }: KdumpLayout,
  kinds: PageKinds | undefined,
  leftOut: LeftOutCounts,
  target: DumpTarget,
): Generator<SaveProgress, number> {
  let pages = 0;
  for (const window of walkFrameWindows(saved.pageSize, saved.ranges, kinds)) {
    const ram = new Uint8Array(WINDOW_FRAMES / 8);
    const dumped = new Uint8Array(WINDOW_FRAMES / 8);
    for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
      const bit = 1 << (index & 7);
      ram[index >> 3] = (ram[index >> 3] ?? 0) | bit;
      if (window.kinds[index] !== KIND_KEPT) continue;
      dumped[index >> 3] = (dumped[index >> 3] ?? 0) | bit;
      pages += 1;
    }
    leftOut.addWindow(window);
    const at = window.first / 8;
    const size = Math.min(WINDOW_FRAMES / 8, dumpedBitmap - ramBitmap - at);
    ensureWritten(target, BigInt(ramBitmap + at), ram.subarray(0, size));
    ensureWritten(target, BigInt(dumpedBitmap + at), dumped.subarray(0, size));
    yield { phase: 'look', done: presentBelow(saved, window.first + WINDOW_FRAMES), total: saved.total };
  }
  return pages;
}

/** Sets a window's kinds by the bitmap that was written: what is not kept there has any kind. */
function readKept(target: DumpTarget, { dumpedBitmap, descriptors }: KdumpLayout, window: FrameWindow): void {
  const at = dumpedBitmap + window.first / 8;
  const bits = target.read(BigInt(at), Math.min(WINDOW_FRAMES / 8, descriptors - at));
  for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
    const isKept = ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    window.kinds[index] = isKept ? KIND_KEPT : FILTER_LEVELS.free;
  }
}

/** Bytes that are present below a page frame. */
function presentBelow({ ranges, pageSize }: SavedMemory, frame: number): number {
  let sum = 0;
  for (const { start, end } of ranges) {
    if (start >= frame * pageSize) break;
    sum += Math.min(end, frame * pageSize) - start;
  }
  return sum;
}
