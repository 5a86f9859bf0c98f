import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { PN_XNUM } from '../../formats/elf/format.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import type { SaveProgress } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import {
  type FrameWindow,
  findKeptRuns,
  type LeftOutCounts,
  WINDOW_FRAMES,
  WindowBuffers,
  walkFrameWindows,
} from './frame-windows.js';
import type { FrameMarker } from './kept-frames.js';
import { LastWindowMarker } from './last-window-marker.js';
import { areZeros } from './pack-run.js';
import { KIND_POISONED, type PageKinds } from './page-kinds.js';
import {
  createPresentCounter,
  findPresentParts,
  MAX_READ_BYTES,
  readFrames,
  type SavedMemory,
} from './saved-memory.js';

/** Smaller gaps, in pages, are not left out, as in makedumpfile: each gap costs a PT_LOAD. */
const MIN_GAP_PAGES = 256;

/** How many PT_LOADs may have a page, on average. */
const MAX_COPIES = 2;

/** A part of a PT_LOAD that is written into the file, in bytes of physical memory. */
interface Piece {
  readonly start: number;
  readonly end: number;
  /** Whether the gap before it contains memory that must not be read, so that it cannot be filled. */
  readonly isApart: boolean;
}

/** A PT_LOAD of the dump, and its parts that are kept. */
export interface LoadPieces {
  readonly header: ProgramHeader;
  pieces: readonly Piece[];
}

/** What decides which pages are kept. */
interface PieceFilter {
  readonly saved: SavedMemory;
  /** {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly kinds: PageKinds | undefined;
  /** Counts the pages that are left out. */
  readonly leftOut: LeftOutCounts;
}

/**
 * Finds the parts of every PT_LOAD that are kept. Fills gaps until their number fits into ELF's program headers.
 *
 * @throws KexecError `EINVAL`, check `dump-save`, for more pieces than program headers, and as {@link checkOverlaps}.
 */
export function* findPieces(
  headers: readonly ProgramHeader[],
  pieceFilter: PieceFilter,
): Generator<SaveProgress, LoadPieces[]> {
  const { saved, kinds } = pieceFilter;
  checkOverlaps(headers, saved);
  const buffers = new WindowBuffers();
  const marker = kinds === undefined ? undefined : new LastWindowMarker(saved, kinds);
  const loads = headers.map((header): LoadPieces => ({ header, pieces: [] }));
  let minGap = MIN_GAP_PAGES * saved.pageSize;
  let before = 0;
  // One for each piece, and one for the notes.
  let count = 1;
  // By address, so that those of one window follow each other.
  for (const load of [...loads].sort((a, b) => Number(a.header.physicalAddress - b.header.physicalAddress))) {
    const pieces = yield* findPiecesOfLoad(load.header, { ...pieceFilter, marker }, before, buffers);
    load.pieces = fillGaps(pieces, minGap);
    before += Number(load.header.memorySize);
    count += load.pieces.length;
    while (count >= PN_XNUM) {
      if (minGap > saved.total) {
        const seen = `the file needs ${count} program headers; ELF counts up to ${PN_XNUM - 1}`;
        refuse('dump-save', 'EINVAL', seen);
      }
      minGap *= 2;
      for (const load of loads) load.pieces = fillGaps(load.pieces, minGap);
      count = loads.reduce((sum, load) => sum + load.pieces.length, 1);
    }
  }
  return loads;
}

/**
 * Refuses PT_LOADs that overlap more than the kernel's do, whose text is in two of them: each has its own copy in the
 * file, which could become as many times as large as there are PT_LOADs.
 *
 * @throws KexecError `EINVAL`, check `dump-save`.
 */
function checkOverlaps(headers: readonly ProgramHeader[], saved: SavedMemory): void {
  const countBelow = createPresentCounter(saved);
  const bytes = headers.reduce((sum, { physicalAddress, memorySize }) => {
    const start = Number(physicalAddress);
    return sum + countBelow(start + Number(memorySize)) - countBelow(start);
  }, 0);
  if (bytes <= MAX_COPIES * saved.total) return;
  const [all, once] = [bytes, saved.total].map((size) => formatBytes(BigInt(size)));
  refuse('dump-save', 'EINVAL', `the dump's PT_LOADs overlap: they have ${all} of ${once} of memory`, {
    cure: 'save it in the format kdump, which has each page once',
  });
}

/** @param before - bytes of the PT_LOADs before this one, for the progress */
function* findPiecesOfLoad(
  header: ProgramHeader,
  { saved, filter, marker, leftOut }: PieceFilter & { readonly marker: FrameMarker | undefined },
  before: number,
  buffers: WindowBuffers,
): Generator<SaveProgress, Piece[]> {
  const { pageSize, total } = saved;
  const start = Number(header.physicalAddress);
  const end = start + Number(header.memorySize);
  const progress = (frame: number): SaveProgress => ({
    phase: 'look',
    done: Math.min(before + frame * pageSize - start, total),
    total,
  });
  // A PT_LOAD whose first pages are left out still begins at its start.
  const pieces: Piece[] = [{ start, end: start, isApart: false }];
  let isApart = false;
  for (const window of walkFrameWindows(pageSize, findPresentParts(saved, { start, end }), marker, buffers)) {
    const frames = window.present.length;
    if ((filter & FILTER_LEVELS.zero) !== 0)
      for (const reached of markZeroPages(saved, window)) yield progress(reached);
    leftOut.addWindow(window);
    let gapStart = 0;
    for (const run of findKeptRuns(window, WINDOW_FRAMES)) {
      isApart ||= hasPoison(window, gapStart, run.start - window.first);
      gapStart = run.end - window.first;
      const piece = {
        start: Math.max(run.start * pageSize, start),
        end: Math.min(run.end * pageSize, end),
        isApart,
      };
      appendPiece(pieces, piece, MIN_GAP_PAGES * pageSize);
      isApart = false;
    }
    isApart ||= hasPoison(window, gapStart, frames);
    yield progress(window.first + frames);
  }
  return pieces;
}

function hasPoison({ kinds }: FrameWindow, from: number, to: number): boolean {
  return kinds.subarray(from, to).includes(KIND_POISONED);
}

/** Joins pieces whose gap is smaller than `minGap` bytes and may be read. */
function fillGaps(pieces: readonly Piece[], minGap: number): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) appendPiece(joined, piece, minGap);
  return joined;
}

/** Appends a piece, or joins it with the last one. */
function appendPiece(pieces: Piece[], piece: Piece, minGap: number): void {
  const last = pieces.at(-1);
  if (last !== undefined && !piece.isApart && piece.start - last.end < minGap)
    pieces[pieces.length - 1] = { ...last, end: piece.end };
  else pieces.push(piece);
}

/**
 * Marks the pages of a window that hold only zeros, unless they are left out already. Yields the frame it has reached.
 */
function* markZeroPages(saved: SavedMemory, window: FrameWindow): Generator<number> {
  const { pageSize } = saved;
  for (const { start, end } of [...findKeptRuns(window, Math.max(1, MAX_READ_BYTES / pageSize))]) {
    const bytes = readFrames(saved, start, end);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (let at = 0; at < bytes.length; at += pageSize)
      if (areZeros(words, at / 4, (at + pageSize) / 4))
        window.kinds[start - window.first + at / pageSize] = FILTER_LEVELS.zero;
    yield end;
  }
}
