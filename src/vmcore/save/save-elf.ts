import { ET_CORE, PT_NOTE } from '../../formats/elf/format.js';
import { writeNotes } from '../../formats/elf/notes.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../formats/elf/program-headers.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { type DumpTarget, ensureWritten, type Saved, type SaveProgress } from './dump-target.js';
import { findPieces, type Load } from './elf-pieces.js';
import { LeftOutCounts } from './frame-windows.js';
import { PageKinds } from './page-kinds.js';
import { READ_AT_ONCE, readFrames, type SavedMemory } from './saved-memory.js';

/**
 * Saves a dump as an ELF core. What is left out is what a PT_LOAD has in memory beyond the file, which reads as zeros.
 * What was begun before is gone on with where the file ends.
 *
 * @param filter - {@link FILTER_LEVELS}, added up
 * @throws KexecError, as the target and {@link ensureWritten} refuse, and as the memory refuses.
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
  // Pages without a head are not to be trusted: they may never have reached the disk.
  if (!ensureWritten(target, 0n, head)) target.truncate(BigInt(head.length));

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
