import { Bitmap, type BitRun } from '../../src/formats/kdump/bitmap.js';
import { readKdumpHeader } from '../../src/formats/kdump/header.js';
import { nodeCodecs } from '../../src/node/codecs/node-codecs.js';
import { type FileSource, openFileSource } from '../../src/node/files/file-source.js';
import type { DumpMemory } from '../../src/vmcore/open/dump-memory.js';
import { openVmcore } from '../../src/vmcore/open/open-vmcore.js';

const PAGE = 4096;

/** The page frames in a compressed dump. */
export function keptRuns(source: FileSource): BitRun[] {
  const { dumpedBitmap, bitmapSize } = readKdumpHeader(source);
  return [...new Bitmap(source, dumpedBitmap, bitmapSize).runs()];
}

/**
 * Compares the page frames of two compressed dumps.
 *
 * @param withContents - whether their bytes are compared, too
 * @returns the differences, in words
 */
export function compareDumps(ours: string, theirs: string, withContents: boolean): string[] {
  const sources = [ours, theirs].map(openFileSource);
  try {
    const [here = [], there = []] = sources.map(keptRuns);
    const [only, also] = [here, there].map((runs) => runs.map(({ start, end }) => `${start}-${end}`));
    if (only?.join() !== also?.join()) return [`page frames ${only?.join()}, and there ${also?.join()}`];
    if (!withContents) return [];
    const [a, b] = sources.map((source) => openVmcore(source, nodeCodecs).memory);
    const isSame = (frame: bigint): boolean =>
      a !== undefined && b !== undefined && Buffer.compare(page(a, frame), page(b, frame)) === 0;
    const other = here.flatMap(frames).filter((frame) => !isSame(frame));
    return other.map((frame) => `page frame ${frame} is other bytes`);
  } finally {
    for (const source of sources) source.close();
  }
}

function frames({ start, end }: BitRun): bigint[] {
  return Array.from({ length: Number(end - start) }, (_, index) => start + BigInt(index));
}

function page(memory: DumpMemory, frame: bigint): Uint8Array {
  return memory.read(frame * BigInt(PAGE), PAGE);
}
