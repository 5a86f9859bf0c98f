import { ET_CORE, PT_NOTE } from '../../formats/elf/format.js';
import { writeNotes } from '../../formats/elf/notes.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../formats/elf/program-headers.js';
import type { Vmcore } from '../open/open-vmcore.js';
import type { DumpOutput, Saved, SaveProgress } from './dump-target.js';
import { ensureSame, ensureWritten } from './earlier-run.js';
import { findPieces, type LoadPieces } from './elf-pieces.js';
import { LeftOutCounts } from './frame-windows.js';
import { PageKinds } from './page-kinds.js';
import { MAX_READ_BYTES, readFrames, type SavedMemory } from './saved-memory.js';

/**
 * Saves a dump as an ELF core. Pages that are left out are the memory of a PT_LOAD beyond its part of the file, which
 * reads as zeros. A save that was begun is resumed at the end of the file, if what is there is the same. A stream gets
 * its head last: without it, what was written is no dump.
 *
 * @param filter - {@link FILTER_LEVELS}, added up
 * @throws KexecError, as the output, {@link ensureWritten} and the memory.
 */
export function* saveElf(
  vmcore: Vmcore,
  saved: SavedMemory,
  filter: number,
  { sink, earlier }: DumpOutput,
): Generator<SaveProgress, Saved> {
  const resumedAt = earlier?.size ?? 0n;
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.forFilter(vmcore, filter);
  const loads = yield* findPieces(vmcore.loads, { saved, filter, kinds, leftOut });
  const head = buildHead(vmcore, loads, saved.pageSize);
  // Without its head, the rest of a file is not trusted: it may not have reached the disk.
  if (earlier !== undefined && !ensureWritten(earlier, 0n, head)) earlier.truncate(BigInt(head.length));

  const pieces = loads.flatMap((load) => load.pieces);
  const total = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
  const size = head.length + total;
  const written = earlier === undefined ? 0 : Number(earlier.size) - head.length;
  let done = 0;
  yield { phase: 'save', done, total, size, minSize: size };
  for (const { start, end } of pieces) {
    for (let at = start; at < end; ) {
      const isWritten = earlier !== undefined && done < written;
      const limit = isWritten ? Math.min(MAX_READ_BYTES, written - done) : MAX_READ_BYTES;
      const stop = Math.min(end, at + limit);
      const bytes = readBytes(saved, at, stop);
      const offset = BigInt(head.length + done);
      if (isWritten) ensureSame(earlier.read(offset, bytes.length), bytes, offset);
      else sink.write(offset, bytes);
      done += stop - at;
      at = stop;
      yield isWritten
        ? { phase: 'compare', done, total: written, size, minSize: size }
        : { phase: 'save', done, total, size, minSize: size };
    }
  }
  sink.truncate(BigInt(size));
  if (earlier === undefined) sink.write(0n, head);
  return {
    size: BigInt(size),
    pages: Math.ceil(total / saved.pageSize),
    leftOut: leftOut.all,
    unknown: kinds?.unknown ?? 0,
    resumedAt,
  };
}

/** Builds the headers and notes; the pieces follow them in the file, without gaps. */
function buildHead(vmcore: Vmcore, loads: readonly LoadPieces[], pageSize: number): Uint8Array {
  const notes = writeNotes(vmcore.notes);
  const machine = vmcore.architecture.elfMachine;
  const headerSize = headersSize(1 + loads.reduce((sum, { pieces }) => sum + pieces.length, 0));
  const head = new Uint8Array(computeHeadSize(headerSize + notes.length, pageSize));
  const programHeaders = [buildNoteHeader(headerSize, notes.length), ...buildLoadHeaders(loads, head.length)];
  head.set(writeHeaders({ type: ET_CORE, machine, entry: 0n, programHeaders }, headerSize));
  head.set(notes, headerSize);
  return head;
}

/**
 * Pages must not be aligned in the file: makedumpfile (1.7.2, --dump-dmesg) maps aligned ones, and fails if a PT_LOAD
 * has more in memory than in the file.
 */
function computeHeadSize(needed: number, pageSize: number): number {
  return needed % pageSize === 0 ? needed + 16 : needed;
}

/** Reads memory between any two addresses; what is not in the dump is zero. */
function readBytes(saved: SavedMemory, start: number, end: number): Uint8Array {
  const first = Math.floor(start / saved.pageSize);
  const bytes = readFrames(saved, first, Math.ceil(end / saved.pageSize));
  const from = start - first * saved.pageSize;
  return bytes.subarray(from, from + end - start);
}

function buildNoteHeader(offset: number, length: number): ProgramHeader {
  const size = BigInt(length);
  return {
    type: PT_NOTE,
    flags: 0,
    offset: BigInt(offset),
    virtualAddress: 0n,
    physicalAddress: 0n,
    fileSize: size,
    memorySize: size,
    alignment: 4n,
  };
}

/** Builds a PT_LOAD for each piece; the first one is at an offset in the file, and each follows the one before. */
function buildLoadHeaders(loads: readonly LoadPieces[], firstOffset: number): ProgramHeader[] {
  let offset = BigInt(firstOffset);
  return loads.flatMap(({ header, pieces }) =>
    pieces.map((piece, index) => {
      const start = BigInt(piece.start);
      const next = pieces[index + 1];
      const end = next === undefined ? header.physicalAddress + header.memorySize : BigInt(next.start);
      const load = {
        ...header,
        // makedumpfile fails if two PT_LOADs have the same offset.
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
