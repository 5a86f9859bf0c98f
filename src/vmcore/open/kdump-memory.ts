import { BoundedMap } from '../../base/bounded-map.js';
import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import type { Range } from '../../base/range.js';
import { hex, maximum, minimum } from '../../base/u64.js';
import { Bitmap } from '../../formats/kdump/bitmap.js';
import type { KdumpHeader } from '../../formats/kdump/header.js';
import { type Codecs, readPage } from '../../formats/kdump/page.js';
import type { DumpedRange, DumpMemory } from './dump-memory.js';

/** Unpacked pages are cached, because page tables and descriptors of the log are read again and again. */
const MAX_CACHED_PAGES = 256;

/** The most ranges of RAM: large machines have some hundreds. */
const MAX_RANGES = 1 << 16;

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

  /** @throws KexecError `EINVAL`, check `kdump-header`, for a bitmap that is no map of RAM. */
  ranges(): DumpedRange[] {
    const page = BigInt(this.#header.blockSize);
    const ranges: DumpedRange[] = [];
    for (const { start, end } of this.#ram.runs()) {
      if (ranges.length === MAX_RANGES)
        refuse('kdump-header', 'EINVAL', `its bitmap of RAM has more than ${MAX_RANGES} ranges`);
      const present = this.#dumped.countBelow(end) - this.#dumped.countBelow(start);
      ranges.push({ start: start * page, end: end * page, present: present * page });
    }
    return ranges;
  }

  *presentRuns(): Generator<Range> {
    const page = BigInt(this.#header.blockSize);
    for (const { start, end } of this.#dumped.runs()) yield { start: start * page, end: end * page };
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
