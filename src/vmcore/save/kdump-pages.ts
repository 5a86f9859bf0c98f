import {
  COMPRESSION_FLAGS,
  type Compression,
  DESCRIPTOR_SIZE,
  writePageDescriptor,
} from '../../formats/kdump/write.js';
import { type DumpTarget, ensureWritten } from './dump-target.js';
import { isZeroPage } from './saved-memory.js';

/** Packs a page; what is not smaller than the page is not used. */
export type Pack = (page: Uint8Array) => Uint8Array;

/** Collected before they are written: bytes of pages, and descriptors. */
const PAGES_AT_ONCE = 1 << 20;
const DESCRIPTORS_AT_ONCE = 1 << 12;

/** How pages go into a compressed dump. Offsets are bytes from its start. */
export interface PagePlan {
  /** In bytes. */
  readonly pageSize: number;
  /** How many there will be. */
  readonly total: number;
  /** Where their descriptors go, and the pages behind these. */
  readonly descriptorsAt: number;
  readonly compression: Compression;
  /** Not called without compression. */
  readonly pack: Pack;
  /** Whether pages of zeros share one place. */
  readonly sharesZeros: boolean;
}

interface PackedPage {
  readonly offset: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/**
 * The pages of a compressed dump, one behind the other, on their way into it: first the pages, then their descriptors, so
 * that the descriptors that are there tell how far a save was that had been begun.
 */
export class KdumpPages {
  /** Those that are there or on their way, in order. */
  count = 0;
  /** How many of them share the page of zeros. */
  zeros = 0;
  /** Where the next goes. */
  end: number;
  readonly #target: DumpTarget;
  readonly #plan: PagePlan;
  /** Where pages begin. */
  readonly #start: number;
  /** Comes first, for all to share. */
  readonly #zero: PackedPage | undefined;
  /** Up to here all is in the target: pages, by their bytes, and descriptors, by their number. */
  #written: number;
  #described: number;
  readonly #pages = new Uint8Array(PAGES_AT_ONCE);
  readonly #descriptors = new DataView(new ArrayBuffer(DESCRIPTORS_AT_ONCE * DESCRIPTOR_SIZE));

  /** @throws KexecError, as the target and {@link ensureWritten} refuse. */
  constructor(target: DumpTarget, plan: PagePlan) {
    this.#target = target;
    this.#plan = plan;
    this.#start = plan.descriptorsAt + plan.total * DESCRIPTOR_SIZE;
    this.end = this.#start;
    if (plan.sharesZeros) {
      this.#zero = this.#packed(new Uint8Array(plan.pageSize));
      ensureWritten(target, BigInt(this.end), this.#zero.bytes);
      this.end += this.#zero.bytes.length;
    }
    this.#goOn();
    this.#written = this.end;
    this.#described = this.count;
  }

  /** How large the dump gets, in bytes, if the pages to come pack as well as those before. */
  get size(): number {
    return this.#start + ((this.end - this.#start) * this.#plan.total) / Math.max(this.count, 1);
  }

  add(page: Uint8Array): void {
    if (this.#zero !== undefined && isZeroPage(page)) {
      this.zeros += 1;
      this.#describe(this.#zero);
      return;
    }
    const packed = this.#packed(page);
    const { length } = packed.bytes;
    if (this.end - this.#written + length > PAGES_AT_ONCE) this.flush();
    this.#pages.set(packed.bytes, this.end - this.#written);
    this.end += length;
    this.#describe(packed);
  }

  /** Writes what was collected. */
  flush(): void {
    if (this.end > this.#written)
      this.#target.write(BigInt(this.#written), this.#pages.subarray(0, this.end - this.#written));
    this.#written = this.end;
    const size = (this.count - this.#described) * DESCRIPTOR_SIZE;
    const at = this.#plan.descriptorsAt + this.#described * DESCRIPTOR_SIZE;
    if (size > 0) this.#target.write(BigInt(at), new Uint8Array(this.#descriptors.buffer, 0, size));
    this.#described = this.count;
  }

  #describe({ offset, flags, bytes }: PackedPage): void {
    const page = { offset, flags, size: bytes.length };
    writePageDescriptor(this.#descriptors, this.count - this.#described, page);
    this.count += 1;
    if (this.count - this.#described === DESCRIPTORS_AT_ONCE) this.flush();
  }

  /** A page that goes where the next one goes. */
  #packed(page: Uint8Array): PackedPage {
    const { compression, pack } = this.#plan;
    const bytes = compression === 'none' ? page : pack(page);
    return bytes.length < page.length
      ? { offset: this.end, flags: COMPRESSION_FLAGS[compression], bytes }
      : { offset: this.end, flags: 0, bytes: page };
  }

  /** Counts the pages that are there, up to the first that is not; the last may be half written, and is none. */
  #goOn(): void {
    let before = { count: 0, zeros: 0, end: this.end };
    for (const { offset, size } of this.#descriptorsThere()) {
      const sharesZero = offset === this.#zero?.offset;
      if (size === 0 || !(sharesZero || (offset === this.end && BigInt(offset + size) <= this.#target.size)))
        break;
      before = { count: this.count, zeros: this.zeros, end: this.end };
      this.count += 1;
      if (sharesZero) this.zeros += 1;
      else this.end += size;
    }
    this.count = before.count;
    this.zeros = before.zeros;
    this.end = before.end;
  }

  /** What of descriptors is in the target, whether they were written or not. */
  *#descriptorsThere(): Generator<{ readonly offset: number; readonly size: number }> {
    const { descriptorsAt, total } = this.#plan;
    const there = Math.floor((Number(this.#target.size) - descriptorsAt) / DESCRIPTOR_SIZE);
    const end = Math.min(there, total);
    for (let index = 0; index < end; index += DESCRIPTORS_AT_ONCE) {
      const count = Math.min(DESCRIPTORS_AT_ONCE, end - index);
      const at = BigInt(descriptorsAt + index * DESCRIPTOR_SIZE);
      const bytes = this.#target.read(at, count * DESCRIPTOR_SIZE);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let one = 0; one < count * DESCRIPTOR_SIZE; one += DESCRIPTOR_SIZE)
        yield { offset: Number(view.getBigUint64(one, true)), size: view.getUint32(one + 8, true) };
    }
  }
}
