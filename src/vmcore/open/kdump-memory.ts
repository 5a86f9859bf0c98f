import { BoundedMap } from '../../base/bounded-map.js';
import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { intersection, type Range } from '../../base/range.js';
import { hex, maximum, minimum } from '../../base/u64.js';
import { Bitmap } from '../../formats/kdump/bitmap.js';
import type { KdumpHeader } from '../../formats/kdump/header.js';
import { type Codecs, readPage } from '../../formats/kdump/page.js';
import type { DumpedRange, DumpMemory } from './dump-memory.js';

/** Unpacked pages are cached, because page tables and descriptors of the log are read again and again. */
const MAX_CACHED_PAGES = 256;

/** The physical memory of a compressed dump. */
export class KdumpMemory implements DumpMemory {
  readonly #source: ByteSource;
  readonly #header: KdumpHeader;
  readonly #codecs: Codecs;
  readonly #ram: Bitmap;
  readonly #dumped: Bitmap;
  /** By page frame. */
  readonly #pages = new BoundedMap<bigint, Uint8Array>(MAX_CACHED_PAGES);

  constructor(source: ByteSource, header: KdumpHeader, codecs: Codecs) {
    this.#source = source;
    this.#header = header;
    this.#codecs = codecs;
    this.#ram = new Bitmap(source, header.ramBitmap, header.bitmapSize);
    this.#dumped = new Bitmap(source, header.dumpedBitmap, header.bitmapSize);
  }

  ranges(): DumpedRange[] {
    const dumped = this.#listRanges(this.#dumped);
    let first = 0;
    return this.#listRanges(this.#ram).map((ram) => {
      let present = 0n;
      while (first < dumped.length && (dumped[first]?.end ?? 0n) <= ram.start) first += 1;
      for (let at = first; at < dumped.length && (dumped[at]?.start ?? 0n) < ram.end; at += 1) {
        const common = intersection(ram, dumped[at] ?? ram);
        present += common === undefined ? 0n : common.end - common.start;
      }
      return { ...ram, present };
    });
  }

  /** The ranges of memory whose page frames have a bit set. */
  #listRanges(bitmap: Bitmap): Range[] {
    const page = BigInt(this.#header.blockSize);
    return [...bitmap.runs()].map(({ start, end }) => ({ start: start * page, end: end * page }));
  }

  read(address: bigint, length: number): Uint8Array {
    const size = BigInt(this.#header.blockSize);
    const end = address + BigInt(length);
    const within = Number(address % size);
    if (within + length <= this.#header.blockSize)
      return this.#page(address / size).subarray(within, within + length);
    const bytes = new Uint8Array(length);
    for (let frame = address / size; frame * size < end; frame += 1n) {
      const from = maximum(address, frame * size);
      const to = minimum(end, (frame + 1n) * size);
      const part = this.#page(frame).subarray(Number(from - frame * size), Number(to - frame * size));
      bytes.set(part, Number(from - address));
    }
    return bytes;
  }

  #page(frame: bigint): Uint8Array {
    const cached = this.#pages.get(frame);
    if (cached !== undefined) return cached;
    if (frame >= this.#header.frames || !this.#dumped.has(frame)) this.#refuseFrame(frame);
    const page = readPage(this.#source, this.#header, this.#dumped.countBelow(frame), this.#codecs);
    this.#pages.set(frame, page);
    return page;
  }

  #refuseFrame(frame: bigint): never {
    const address = hex(frame * BigInt(this.#header.blockSize));
    if (frame < this.#header.frames && this.#ram.has(frame))
      refuse('dump-memory', 'ENODATA', `the page at physical address ${address} was left out of the dump`);
    refuse('dump-memory', 'EFAULT', `physical address ${address} was not dumped`);
  }
}
