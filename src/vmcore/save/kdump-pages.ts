import { COMPRESSION_FLAGS, PAGE_DESCRIPTOR_SIZE } from '../../formats/kdump/format.js';
import {
  type Compression,
  type PageDescriptorFields,
  writePageDescriptor,
} from '../../formats/kdump/write.js';
import type { DumpSink } from './dump-target.js';
import { type Pack, type PackedRun, packedRoom, packRun } from './pack-run.js';
import type { PageOutput } from './write-pages.js';

/** How much is collected before it is written: bytes of pages, of which a run is a part, and descriptors. */
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
  readonly pack: Pack;
  /** Whether pages of zeros share one place. */
  readonly sharesZeros: boolean;
}

/** How many pages an earlier run wrote, how many of them share the page of zeros, and the offset after the last. */
export interface WrittenPages {
  readonly count: number;
  readonly zeros: number;
  readonly end: number;
}

/** The page that all pages of zeros share. */
interface ZeroPage {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes the pages of a compressed dump, one after the other: first pages, then their descriptors. The descriptors in
 * an incomplete file therefore show how far the save had come.
 */
export class KdumpPages implements PageOutput {
  /** The number of pages that are written or collected. */
  count = 0;
  /** How many of them share the page of zeros. */
  zeros = 0;
  /** The offset of the next page. */
  end: number;
  readonly #sink: DumpSink;
  readonly #plan: PagePlan;
  /** The offset of the first page. */
  readonly start: number;
  /** Precedes the others; undefined if it is not shared. The caller writes it. */
  readonly zero: ZeroPage | undefined;
  /** What is written: pages up to this offset, and this number of descriptors. */
  #written: number;
  #described: number;
  readonly #pages = new Uint8Array(MAX_COLLECTED_BYTES);
  readonly #descriptors = new DataView(new ArrayBuffer(MAX_COLLECTED_DESCRIPTORS * PAGE_DESCRIPTOR_SIZE));

  constructor(sink: DumpSink, plan: PagePlan) {
    this.#sink = sink;
    this.#plan = plan;
    this.start = plan.descriptorsAt + plan.total * PAGE_DESCRIPTOR_SIZE;
    this.end = this.start;
    if (plan.sharesZeros) {
      this.zero = { offset: this.end, bytes: packZeros(plan) };
      this.end += this.zero.bytes.length;
    }
    this.#written = this.end;
    this.#described = 0;
  }

  /** Continues after the pages that an earlier run wrote. */
  resume({ count, zeros, end }: WrittenPages): void {
    this.count = count;
    this.zeros = zeros;
    this.end = end;
    this.#written = end;
    this.#described = count;
  }

  /** The estimated size of the dump in bytes, if the remaining pages compress as well as those before. */
  get size(): number {
    return this.start + ((this.end - this.start) * this.#plan.total) / Math.max(this.count, 1);
  }

  begin(): number {
    return Number.POSITIVE_INFINITY;
  }

  add({ bytes, sizes }: PackedRun, count: number, length: number): void {
    if (this.end - this.#written + length > MAX_COLLECTED_BYTES) this.flush();
    if (this.count - this.#described + count > MAX_COLLECTED_DESCRIPTORS) this.flush();
    this.#pages.set(bytes.subarray(0, length), this.end - this.#written);
    for (let index = 0; index < count; index += 1) this.#describe(sizes[index] as number);
  }

  flush(): void {
    if (this.end > this.#written)
      this.#sink.write(BigInt(this.#written), this.#pages.subarray(0, this.end - this.#written));
    this.#written = this.end;
    const size = (this.count - this.#described) * PAGE_DESCRIPTOR_SIZE;
    const at = this.#plan.descriptorsAt + this.#described * PAGE_DESCRIPTOR_SIZE;
    if (size > 0) this.#sink.write(BigInt(at), new Uint8Array(this.#descriptors.buffer, 0, size));
    this.#described = this.count;
  }

  #describe(size: number): void {
    const index = this.count - this.#described;
    this.count += 1;
    if (size === 0 && this.zero !== undefined) {
      this.zeros += 1;
      const { offset, bytes } = this.zero;
      writePageDescriptor(this.#descriptors, index, this.#descriptor(offset, bytes.length));
      return;
    }
    writePageDescriptor(this.#descriptors, index, this.#descriptor(this.end, size));
    this.end += size;
  }

  #descriptor(offset: number, size: number): PageDescriptorFields {
    const { pageSize, compression } = this.#plan;
    return { offset, size, flags: size < pageSize ? COMPRESSION_FLAGS[compression] : 0 };
  }
}

function packZeros({ pageSize, pack }: PagePlan): Uint8Array {
  const packed = { bytes: new Uint8Array(packedRoom(pageSize, pageSize)), sizes: new Uint32Array(1) };
  const length = packRun(new Uint8Array(pageSize), { pageSize, pack, sharesZeros: false }, packed);
  return packed.bytes.subarray(0, length);
}
