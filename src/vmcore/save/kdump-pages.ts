import { attempt, KexecError } from '../../base/error.js';
import { COMPRESSION_FLAGS, PAGE_DESCRIPTOR_SIZE } from '../../formats/kdump/format.js';
import { type Codecs, readPage } from '../../formats/kdump/page.js';
import { type Compression, writePageDescriptor } from '../../formats/kdump/write.js';
import { type DumpTarget, ensureSame, ensureWritten, refuseOtherDump } from './dump-target.js';
import { isZeroPage } from './saved-memory.js';

/** Packs a page. A result that is not smaller than the page is not used. */
export type Pack = (page: Uint8Array) => Uint8Array;

/** How much is collected before it is written: bytes of pages, and descriptors. */
const MAX_COLLECTED_BYTES = 1 << 20;
const MAX_COLLECTED_DESCRIPTORS = 1 << 12;

/** How pages are written into a compressed dump. Offsets are bytes from its start. */
interface PagePlan {
  /** In bytes. */
  readonly pageSize: number;
  /** The number of pages. */
  readonly total: number;
  /** The offset of their descriptors; the pages follow these. */
  readonly descriptorsAt: number;
  readonly compression: Compression;
  /** Not called without compression. */
  readonly pack: Pack;
  /** Unpack pages that an earlier run wrote. */
  readonly codecs: Codecs;
  /** Whether pages of zeros share one place. */
  readonly sharesZeros: boolean;
}

interface PackedPage {
  readonly offset: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes the pages of a compressed dump, one after the other: first pages, then their descriptors. The descriptors in
 * an incomplete file therefore show how far the save had come.
 */
export class KdumpPages {
  /** The number of pages that are written or collected. */
  count = 0;
  /** How many of them share the page of zeros. */
  zeros = 0;
  /** The offset of the next page. */
  end: number;
  readonly #target: DumpTarget;
  readonly #plan: PagePlan;
  /** The offset of the first page. */
  readonly #start: number;
  /** The page of zeros, which precedes the others. */
  readonly #zero: PackedPage | undefined;
  /** What is written: pages up to this offset, and this number of descriptors. */
  #written: number;
  #described: number;
  readonly #pages = new Uint8Array(MAX_COLLECTED_BYTES);
  readonly #descriptors = new DataView(new ArrayBuffer(MAX_COLLECTED_DESCRIPTORS * PAGE_DESCRIPTOR_SIZE));

  /** Finds the pages that an earlier run wrote. @throws KexecError, as the target and {@link ensureWritten}. */
  constructor(target: DumpTarget, plan: PagePlan) {
    this.#target = target;
    this.#plan = plan;
    this.#start = plan.descriptorsAt + plan.total * PAGE_DESCRIPTOR_SIZE;
    this.end = this.#start;
    if (plan.sharesZeros) {
      this.#zero = this.#packPage(new Uint8Array(plan.pageSize));
      ensureWritten(target, BigInt(this.end), this.#zero.bytes);
      this.end += this.#zero.bytes.length;
    }
    this.#countWrittenPages();
    this.#written = this.end;
    this.#described = this.count;
  }

  /** The estimated size of the dump in bytes, if the remaining pages compress as well as those before. */
  get size(): number {
    return this.#start + ((this.end - this.#start) * this.#plan.total) / Math.max(this.count, 1);
  }

  /**
   * Compares a page with what an earlier run wrote for it.
   *
   * @param index - the number of pages before it
   * @throws KexecError `EEXIST`, check `dump-save`, if that is another page, or is damaged.
   */
  compare(index: number, page: Uint8Array): void {
    const { descriptorsAt, pageSize, codecs } = this.#plan;
    const target = this.#target;
    const source = {
      size: target.size,
      read: (offset: bigint, length: number): Uint8Array => target.read(offset, length),
    };
    const header = { descriptors: BigInt(descriptorsAt), blockSize: pageSize };
    const offset = header.descriptors + BigInt(index * PAGE_DESCRIPTOR_SIZE);
    const written = attempt(() => readPage(source, header, BigInt(index), codecs));
    if (written instanceof KexecError && written.check === 'file-access') throw written;
    if (written instanceof KexecError) refuseOtherDump(offset, written);
    ensureSame(written, page, offset);
  }

  add(page: Uint8Array): void {
    if (this.#zero !== undefined && isZeroPage(page)) {
      this.zeros += 1;
      this.#describe(this.#zero);
      return;
    }
    const packed = this.#packPage(page);
    const { length } = packed.bytes;
    if (this.end - this.#written + length > MAX_COLLECTED_BYTES) this.flush();
    this.#pages.set(packed.bytes, this.end - this.#written);
    this.end += length;
    this.#describe(packed);
  }

  /** Writes what was collected. */
  flush(): void {
    if (this.end > this.#written)
      this.#target.write(BigInt(this.#written), this.#pages.subarray(0, this.end - this.#written));
    this.#written = this.end;
    const size = (this.count - this.#described) * PAGE_DESCRIPTOR_SIZE;
    const at = this.#plan.descriptorsAt + this.#described * PAGE_DESCRIPTOR_SIZE;
    if (size > 0) this.#target.write(BigInt(at), new Uint8Array(this.#descriptors.buffer, 0, size));
    this.#described = this.count;
  }

  #describe({ offset, flags, bytes }: PackedPage): void {
    const page = { offset, flags, size: bytes.length };
    writePageDescriptor(this.#descriptors, this.count - this.#described, page);
    this.count += 1;
    if (this.count - this.#described === MAX_COLLECTED_DESCRIPTORS) this.flush();
  }

  /** Packs a page that is written next. */
  #packPage(page: Uint8Array): PackedPage {
    const { compression, pack } = this.#plan;
    const bytes = compression === 'none' ? page : pack(page);
    return bytes.length < page.length
      ? { offset: this.end, flags: COMPRESSION_FLAGS[compression], bytes }
      : { offset: this.end, flags: 0, bytes: page };
  }

  /** Counts the pages that are written. The last one may be half written, and does not count. */
  #countWrittenPages(): void {
    let before = { count: 0, zeros: 0, end: this.end };
    for (const { offset, size } of this.#readDescriptors()) {
      const sharesZero = offset === this.#zero?.offset;
      const isNext = offset === this.end && BigInt(offset + size) <= this.#target.size;
      if (size === 0 || !(sharesZero || isNext)) break;
      before = { count: this.count, zeros: this.zeros, end: this.end };
      this.count += 1;
      if (sharesZero) this.zeros += 1;
      else this.end += size;
    }
    this.count = before.count;
    this.zeros = before.zeros;
    this.end = before.end;
  }

  /** Reads the descriptors in the target, whether they were written or not. */
  *#readDescriptors(): Generator<{ readonly offset: number; readonly size: number }> {
    const { descriptorsAt, total } = this.#plan;
    const inFile = Math.floor((Number(this.#target.size) - descriptorsAt) / PAGE_DESCRIPTOR_SIZE);
    const end = Math.min(inFile, total);
    for (let index = 0; index < end; index += MAX_COLLECTED_DESCRIPTORS) {
      const count = Math.min(MAX_COLLECTED_DESCRIPTORS, end - index);
      const at = BigInt(descriptorsAt + index * PAGE_DESCRIPTOR_SIZE);
      const bytes = this.#target.read(at, count * PAGE_DESCRIPTOR_SIZE);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let entry = 0; entry < count * PAGE_DESCRIPTOR_SIZE; entry += PAGE_DESCRIPTOR_SIZE)
        yield { offset: Number(view.getBigUint64(entry, true)), size: view.getUint32(entry + 8, true) };
    }
  }
}
