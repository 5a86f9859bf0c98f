import { refuse } from '../../base/error.js';
import { PN_XNUM } from '../../formats/elf/format.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import type { Vmcore } from '../open/open-vmcore.js';
import type { SaveProgress } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import {
  type FrameWindow,
  findKeptRuns,
  type LeftOutCounts,
  WINDOW_FRAMES,
  walkFrameWindows,
} from './frame-windows.js';
import { KIND_POISONED, type PageKinds } from './page-kinds.js';
import { findPresentParts, isZeroPage, READ_AT_ONCE, readFrames, type SavedMemory } from './saved-memory.js';

/** So many pages in a row are left out; fewer stay, as makedumpfile has it: each gap costs a PT_LOAD. */
const SMALLEST_GAP = 256;

/** A part of a PT_LOAD that goes into the file, in bytes of physical memory. */
interface Piece {
  readonly start: number;
  readonly end: number;
  /** Whether memory that must not be read lies before it. */
  readonly isApart: boolean;
}

/** A PT_LOAD of the dump, and what of it is kept. */
export interface Load {
  readonly header: ProgramHeader;
  pieces: readonly Piece[];
}

/** What of every PT_LOAD is kept: with smaller gaps filled, so that ELF can count the rest. */
export function* findPieces(
  vmcore: Vmcore,
  saved: SavedMemory,
  filter: number,
  kinds: PageKinds | undefined,
  leftOut: LeftOutCounts,
): Generator<SaveProgress, Load[]> {
  const loads: Load[] = [];
  let smallestGap = SMALLEST_GAP * saved.pageSize;
  let looked = 0;
  for (const header of vmcore.loads) {
    const load = { header, pieces: yield* piecesOf(header, saved, filter, kinds, leftOut, looked) };
    load.pieces = joined(load.pieces, smallestGap);
    loads.push(load);
    looked += Number(header.memorySize);
    while (countOf(loads) >= PN_XNUM) {
      if (smallestGap > saved.total)
        refuse(
          'dump-save',
          'EINVAL',
          `it would need ${countOf(loads)} program headers; ELF counts to ${PN_XNUM - 1}`,
        );
      smallestGap *= 2;
      for (const one of loads) one.pieces = joined(one.pieces, smallestGap);
    }
  }
  return loads;
}

/** Program headers: that of the notes too. */
function countOf(loads: readonly Load[]): number {
  return loads.reduce((sum, { pieces }) => sum + pieces.length, 1);
}

function* piecesOf(
  header: ProgramHeader,
  saved: SavedMemory,
  filter: number,
  kinds: PageKinds | undefined,
  leftOut: LeftOutCounts,
  before: number,
): Generator<SaveProgress, Piece[]> {
  const { pageSize, total } = saved;
  const start = Number(header.physicalAddress);
  const end = start + Number(header.memorySize);
  const ranges = findPresentParts(saved, {
    start: header.physicalAddress,
    end: header.physicalAddress + header.memorySize,
  });
  // A PT_LOAD of which nothing comes first still begins where it begins.
  let pieces: Piece[] = [{ start, end: start, isApart: false }];
  let isApart = false;
  for (const window of walkFrameWindows(pageSize, ranges, kinds)) {
    const reached = (frame: number): SaveProgress => ({
      phase: 'look',
      done: Math.min(before + frame * pageSize - start, total),
      total,
    });
    if ((filter & FILTER_LEVELS.zero) !== 0)
      for (const lookedUpTo of markZeros(saved, window)) yield reached(lookedUpTo);
    leftOut.addWindow(window);
    let looked = 0;
    for (const run of findKeptRuns(window, WINDOW_FRAMES)) {
      isApart ||= hasPoison(window, looked, run.start - window.first);
      looked = run.end - window.first;
      const piece = {
        start: Math.max(run.start * pageSize, start),
        end: Math.min(run.end * pageSize, end),
        isApart,
      };
      pieces.push(piece);
      isApart = false;
    }
    isApart ||= hasPoison(window, looked, WINDOW_FRAMES);
    pieces = joined(pieces, SMALLEST_GAP * pageSize);
    yield reached(window.first + WINDOW_FRAMES);
  }
  return pieces;
}

function hasPoison({ kinds }: FrameWindow, from: number, to: number): boolean {
  return kinds.subarray(from, to).includes(KIND_POISONED);
}

/** Pieces with gaps below a size filled, in bytes. */
function joined(pieces: readonly Piece[], smallestGap: number): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last !== undefined && !piece.isApart && piece.start - last.end < smallestGap)
      all[all.length - 1] = { ...last, end: piece.end };
    else all.push(piece);
  }
  return all;
}

/** Marks pages that hold zeros only, so far as they are not left out already; gives the frame up to which it has. */
function* markZeros(saved: SavedMemory, window: FrameWindow): Generator<number> {
  const { pageSize } = saved;
  const most = Math.max(1, READ_AT_ONCE / pageSize);
  for (const { start, end } of [...findKeptRuns(window, most)]) {
    const bytes = readFrames(saved, start, end);
    for (let at = 0; at < bytes.length; at += pageSize)
      if (isZeroPage(bytes.subarray(at, at + pageSize)))
        window.kinds[start - window.first + at / pageSize] = FILTER_LEVELS.zero;
    yield end;
  }
}
