import type { KdumpLayout } from '../../formats/kdump/write.js';
import type { SaveProgress } from './dump-target.js';
import { type LeftOutCounts, walkFrameWindows } from './frame-windows.js';
import type { FrameMarker } from './kept-frames.js';
import { KIND_KEPT } from './page-kinds.js';
import type { SavedMemory } from './saved-memory.js';

/** Writes what is not pages. In a file that an earlier run may have begun, it must be the same. */
export interface FrameWriter {
  write(offset: number, bytes: Uint8Array): void;
  /** Leaves a range as it is: zeros. */
  skip(start: number, end: number): void;
}

/** Writes the bitmaps of frames that are RAM, and of those that are kept. Returns the number of the latter. */
export function* writeBitmaps(
  saved: SavedMemory,
  layout: KdumpLayout,
  marker: FrameMarker | undefined,
  leftOut: LeftOutCounts,
  writer: FrameWriter,
): Generator<SaveProgress, number> {
  writeRamBitmap(saved, layout, writer);
  let pages = 0;
  let done = 0;
  let end = layout.dumpedBitmap;
  for (const window of walkFrameWindows(saved.pageSize, saved.ranges, marker)) {
    const { present, kinds } = window;
    const bits = new Uint8Array(Math.ceil(present.length / 8));
    for (let index = 0; index < present.length; index += 1) {
      if (present[index] !== 1) continue;
      done += saved.pageSize;
      if (kinds[index] !== KIND_KEPT) continue;
      setBit(bits, index);
      pages += 1;
    }
    leftOut.addWindow(window);
    end = writeBits(layout.dumpedBitmap + window.first / 8, bits, end, writer);
    yield { phase: 'look', done: Math.min(done, saved.total), total: saved.total };
  }
  return pages;
}

function writeRamBitmap(
  { pageSize, ram }: SavedMemory,
  { ramBitmap, dumpedBitmap }: KdumpLayout,
  writer: FrameWriter,
): void {
  let end = ramBitmap;
  for (const { first, present } of walkFrameWindows(pageSize, ram, undefined)) {
    const bits = new Uint8Array(Math.ceil(present.length / 8));
    for (let index = 0; index < present.length; index += 1) if (present[index] === 1) setBit(bits, index);
    end = writeBits(ramBitmap + first / 8, bits, end, writer);
  }
  writer.skip(end, dumpedBitmap);
}

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
}

/** Writes a piece of a bitmap. @param end - of the piece before it @returns the end of this piece */
function writeBits(at: number, bits: Uint8Array, end: number, writer: FrameWriter): number {
  writer.skip(end, at);
  writer.write(at, bits);
  return at + bits.length;
}
