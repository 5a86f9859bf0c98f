import { KexecError } from '../../base/error.js';
import { ET_CORE, PROGRAM_HEADER_LIMIT, PT_NOTE } from '../../formats/elf/format.js';
import { writeNotes } from '../../formats/elf/notes.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../formats/elf/program-headers.js';
import { type DumpTarget, putHead, type Saved, type SaveProgress } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import { PageKinds, POISONED } from './page-kinds.js';
import {
  type FrameWindow,
  frameWindows,
  isZero,
  keptRuns,
  LeftOutCounts,
  presentIn,
  READ_AT_ONCE,
  readFrames,
  type SavedMemory,
  WINDOW,
} from './saved-memory.js';
import type { Vmcore } from './vmcore.js';

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
interface Load {
  readonly header: ProgramHeader;
  pieces: readonly Piece[];
}

/**
 * Saves a dump as an ELF core. What is left out is what a PT_LOAD has in memory beyond the file, which reads as zeros.
 * What was begun before is gone on with where the file ends.
 *
 * @param filter - {@link FILTER_LEVELS}, added up
 * @throws KexecError, as the target and {@link putHead} refuse, and as the memory refuses.
 */
export function* saveElf(
  vmcore: Vmcore,
  saved: SavedMemory,
  filter: number,
  target: DumpTarget,
): Generator<SaveProgress, Saved> {
  const begunAt = target.size;
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.for(vmcore, filter);
  const loads = yield* findPieces(vmcore, saved, filter, kinds, leftOut);
  const notes = writeNotes(vmcore.notes);
  const count = 1 + loads.reduce((sum, { pieces }) => sum + pieces.length, 0);
  const head = new Uint8Array(headLength(headersSize(count) + notes.length, saved.pageSize));
  const programHeaders = [noteHeader(headersSize(count), notes.length), ...placed(loads, head.length)];
  head.set(writeHeaders({ type: ET_CORE, entry: 0n, programHeaders }, headersSize(count)));
  head.set(notes, headersSize(count));
  putHead(target, 0n, head);

  const total = loads.flatMap(({ pieces }) => pieces).reduce((sum, { start, end }) => sum + end - start, 0);
  const size = head.length + total;
  const there = Number(target.size) - head.length;
  let done = 0;
  for (const { start, end } of loads.flatMap(({ pieces }) => pieces)) {
    const skip = Math.min(Math.max(there - done, 0), end - start);
    done += skip;
    yield { phase: 'save', done, total, size };
    for (let at = start + skip; at < end; ) {
      const stop = Math.min(end, at + READ_AT_ONCE);
      target.write(BigInt(head.length + done), readBytes(saved, at, stop));
      done += stop - at;
      at = stop;
      yield { phase: 'save', done, total, size };
    }
  }
  target.truncate(BigInt(size));
  return {
    size: BigInt(size),
    pages: Math.ceil(total / saved.pageSize),
    leftOut: leftOut.all,
    unknown: kinds?.unknown ?? 0,
    resumedAt: begunAt,
  };
}

/**
 * Pages must not be aligned in the file: makedumpfile (1.7.2, --dump-dmesg) maps those that are, and fails where a
 * PT_LOAD has more in memory than in the file.
 */
function headLength(needed: number, pageSize: number): number {
  return needed % pageSize === 0 ? needed + 16 : needed;
}

/** What of every PT_LOAD is kept: with smaller gaps filled, so that ELF can count the rest. */
function* findPieces(
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
    while (countOf(loads) >= PROGRAM_HEADER_LIMIT) {
      if (smallestGap > saved.total) tooMany(countOf(loads));
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
  const ranges = presentIn(saved, {
    start: header.physicalAddress,
    end: header.physicalAddress + header.memorySize,
  });
  // A PT_LOAD of which nothing comes first still begins where it begins.
  let pieces: Piece[] = [{ start, end: start, isApart: false }];
  let isApart = false;
  for (const window of frameWindows(pageSize, ranges, kinds)) {
    const reached = (frame: number): SaveProgress => ({
      phase: 'look',
      done: Math.min(before + frame * pageSize - start, total),
      total,
    });
    if ((filter & FILTER_LEVELS.zero) !== 0)
      for (const lookedUpTo of markZeros(saved, window)) yield reached(lookedUpTo);
    leftOut.addWindow(window);
    let looked = 0;
    for (const run of keptRuns(window, WINDOW)) {
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
    isApart ||= hasPoison(window, looked, WINDOW);
    pieces = joined(pieces, SMALLEST_GAP * pageSize);
    yield reached(window.first + WINDOW);
  }
  return pieces;
}

function hasPoison({ kinds }: FrameWindow, from: number, to: number): boolean {
  return kinds.subarray(from, to).includes(POISONED);
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
  for (const { start, end } of [...keptRuns(window, most)]) {
    const bytes = readFrames(saved, start, end);
    for (let at = 0; at < bytes.length; at += pageSize)
      if (isZero(bytes.subarray(at, at + pageSize)))
        window.kinds[start - window.first + at / pageSize] = FILTER_LEVELS.zero;
    yield end;
  }
}

/** Bytes of memory that are present, from any address to any other; what is not present is zero. */
function readBytes(saved: SavedMemory, start: number, end: number): Uint8Array {
  const first = Math.floor(start / saved.pageSize);
  const bytes = readFrames(saved, first, Math.ceil(end / saved.pageSize));
  const from = start - first * saved.pageSize;
  return bytes.subarray(from, from + end - start);
}

function noteHeader(at: number, length: number): ProgramHeader {
  const size = BigInt(length);
  return {
    type: PT_NOTE,
    flags: 0,
    offset: BigInt(at),
    virtualAddress: 0n,
    physicalAddress: 0n,
    fileSize: size,
    memorySize: size,
    alignment: 4n,
  };
}

/** The PT_LOADs of pieces that lie one behind the other from an offset on. */
function placed(loads: readonly Load[], from: number): ProgramHeader[] {
  let offset = BigInt(from);
  return loads.flatMap(({ header, pieces }) =>
    pieces.map((piece, index) => {
      const start = BigInt(piece.start);
      const next = pieces[index + 1];
      const end = next === undefined ? header.physicalAddress + header.memorySize : BigInt(next.start);
      const load = {
        ...header,
        // makedumpfile cannot do with two PT_LOADs that begin at one place.
        offset: piece.end > piece.start ? offset : 0n,
        virtualAddress: BigInt.asUintN(64, header.virtualAddress + start - header.physicalAddress),
        physicalAddress: start,
        fileSize: BigInt(piece.end - piece.start),
        memorySize: end - start,
      };
      offset += load.fileSize;
      return load;
    }),
  );
}

function tooMany(count: number): never {
  const seen = `it would need ${count} program headers; ELF counts to ${PROGRAM_HEADER_LIMIT - 1}`;
  throw new KexecError({ check: 'dump-save', errno: 'EINVAL', seen });
}
