import { attempt, KexecError } from '../../base/error.js';
import { U64_LIMIT } from '../../base/u64.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { FILTER_LEVELS, needsStructPages } from './filter.js';
import { readStructPageLayout, type StructPageLayout } from './struct-page-layout.js';
import { createStructPageFinder, type FindStructPage } from './struct-pages.js';

/** The kind of a page is a level of the filter, by which it may be left out, or one of these. */
export const KIND_KEPT = 0;
/** Memory that the hardware reported as broken (`PG_hwpoison`): reading it may crash again. */
export const KIND_POISONED = 32;
/**
 * Memory that a driver returned, for example to a hypervisor (`PG_offline`), or that a confidential guest has not
 * accepted yet.
 */
export const KIND_OFFLINE = 64;
/** Left out for a reason that does not matter any more. */
export const KIND_LEFT_OUT = 128;

const { cache, 'cache-private': cachePrivate, user, free } = FILTER_LEVELS;

/** How many of `struct page` are read at once; and if they are not all there, which ends at a page of memory. */
const BATCH = 1024;
const SMALL_BATCH = 64;
/** Bit of `page.mapping`: anonymous memory. include/linux/page-flags.h, PAGE_MAPPING_ANON. */
const ANONYMOUS = 1;
/** Bit of `page.compound_info`: the rest is the address of the head, or a mask. */
const TAIL = 1;
/**
 * Values from here on are masks: no `struct page` is in the last GiB of addresses (arch/arm64/include/asm/memory.h,
 * VMEMMAP_END; Documentation/arch/x86/x86_64/mm.rst), and a folio's structs are smaller than that.
 */
const FIRST_MASK = U64_LIMIT - (1n << 30n);
/** Blocks of the buddy allocator have at most 2^order pages. */
const MAX_ORDER = 20;

/** An array of `struct page`. */
interface Structs {
  readonly view: DataView;
  /** Its virtual address. */
  readonly address: bigint;
}

/** Elements of a window that are marked together. */
interface Batch {
  readonly kinds: Uint8Array;
  readonly from: number;
  readonly end: number;
}

/**
 * Finds out what pages were used for, by the kernel's `struct page`, with the checks of makedumpfile in its order. A
 * page that is a part of a larger one has the kind of that one.
 */
export class PageKinds {
  /** The number of page frames whose `struct page` cannot be read; they are kept. */
  unknown = 0;
  readonly #virtual: VirtualMemory;
  readonly #filter: number;
  readonly #layout: StructPageLayout;
  readonly #find: FindStructPage;
  /** Reused for every batch. */
  readonly #structs: Uint8Array;
  /** The head that was read last. */
  #head: { readonly address: bigint; readonly kind: number } | undefined;

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if VMCOREINFO lacks what is needed. */
  constructor(vmcore: Vmcore, filter: number) {
    this.#virtual = vmcore.virtual;
    this.#filter = filter;
    this.#layout = readStructPageLayout(vmcore.vmcoreinfo);
    this.#find = createStructPageFinder(vmcore, this.#layout.size);
    this.#structs = new Uint8Array(BATCH * this.#layout.size);
  }

  /** Undefined if the filter does not depend on what pages were used for. @throws as the constructor. */
  static forFilter(vmcore: Vmcore, filter: number): PageKinds | undefined {
    return needsStructPages(filter) ? new PageKinds(vmcore, filter) : undefined;
  }

  /**
   * Marks the pages that may be left out, by their kind.
   *
   * @param kinds - an element for each frame from `first` on, all {@link KIND_KEPT}; no block of free pages crosses its
   *   end
   * @param isWanted - 1 for each frame whose kind matters
   */
  mark(first: number, kinds: Uint8Array, isWanted: Uint8Array): void {
    for (let from = 0; from < kinds.length; from += BATCH) {
      const end = Math.min(from + BATCH, kinds.length);
      if (!isWanted.subarray(from, end).includes(1)) continue;
      const structs = this.#readStructPages(first + from, end - from);
      if (structs !== undefined) this.#markBatch(structs, first, { kinds, from, end });
      else this.#markSmallBatches(first, { kinds, from, end }, isWanted);
    }
  }

  #markSmallBatches(first: number, { kinds, from, end }: Batch, isWanted: Uint8Array): void {
    for (let at = from; at < end; at += SMALL_BATCH) {
      const stop = Math.min(at + SMALL_BATCH, end);
      const wanted = isWanted.subarray(at, stop);
      if (!wanted.includes(1)) continue;
      const structs = this.#readStructPages(first + at, stop - at);
      if (structs === undefined) this.unknown += wanted.reduce((sum, flag) => sum + flag, 0);
      else this.#markBatch(structs, first, { kinds, from: at, end: stop });
    }
  }

  #markBatch(structs: Structs, first: number, { kinds, from, end }: Batch): void {
    const { size } = this.#layout;
    for (let index = from, at = 0; index < end; index += 1, at += size) {
      const kind = this.#kindAt(structs, at);
      const pages = kind === KIND_KEPT ? 0 : this.#countBlock(structs.view, at, kind);
      if (pages > 0) {
        if ((first + index) % pages === 0) kinds.fill(kind, index, Math.min(index + pages, kinds.length));
      } else if (kind !== KIND_KEPT && kinds[index] === KIND_KEPT) kinds[index] = kind;
    }
  }

  /** The pages of the block whose first `struct page` alone has its type; 0 if each page has its own. */
  #countBlock(view: DataView, at: number, kind: number): number {
    const { private: orderAt, mapcount, unacceptedType, maxBlockPages } = this.#layout;
    if (kind === free) {
      const order = view.getUint32(at + orderAt, true);
      return order <= MAX_ORDER ? 2 ** order : 1;
    }
    if (kind !== KIND_OFFLINE) return 0;
    return isType(view.getUint32(at + mapcount, true), unacceptedType) ? maxBlockPages : 0;
  }

  /** Reads an array of `struct page`, which is valid until the next call; undefined if a part is missing. */
  #readStructPages(frame: number, count: number): Structs | undefined {
    const { size } = this.#layout;
    const structs = attempt(() => {
      const address = this.#find(frame);
      // With SPARSEMEM, each section has an array of its own.
      const last = this.#find(frame + count - 1);
      if (address === undefined || last !== BigInt.asUintN(64, address + BigInt((count - 1) * size)))
        return undefined;
      const into = this.#structs.subarray(0, count * size);
      this.#virtual.readInto(address, into);
      return { view: viewOf(into), address };
    });
    return structs instanceof KexecError ? undefined : structs;
  }

  #read(address: bigint, count: number): DataView {
    return viewOf(this.#virtual.read(address, count * this.#layout.size));
  }

  #kindAt({ view, address }: Structs, at: number): number {
    const { compoundInfo, mayHaveMask } = this.#layout;
    const isTail = (struct: number): boolean =>
      struct < view.byteLength && (view.getUint32(struct + compoundInfo, true) & TAIL) !== 0;
    const next = at + this.#layout.size;
    // The frame of a head is even, so its first tail is in the same batch.
    if (!isTail(at)) return this.#kindOf(view, at, isTail(next) ? next : undefined);
    const info = view.getBigUint64(at + compoundInfo, true);
    // The structs of tail pages are shared if there are masks: the address is of this one.
    return this.#kindOfHead(mayHaveMask && info >= FIRST_MASK ? (address + BigInt(at)) & info : info - 1n);
  }

  #kindOfHead(address: bigint): number {
    if (this.#head?.address === address) return this.#head.kind;
    const kind = attempt(() => this.#kindOf(this.#read(address, 2), 0, this.#layout.size));
    this.#head = { address, kind: kind instanceof KexecError ? KIND_KEPT : kind };
    return this.#head.kind;
  }

  /** @param tail - the offset of the struct of the first tail page, if there is one */
  #kindOf(view: DataView, at: number, tail: number | undefined): number {
    const layout = this.#layout;
    const filter = this.#filter;
    const flags = view.getUint32(at + layout.flags, true);
    const type = view.getUint32(at + layout.mapcount, true);
    const isSlab = (flags & layout.slab) !== 0 || isType(type, layout.slabType);
    if (!isSlab && isType(type, layout.buddyType)) return filter & free;

    const isAnonymous = !isSlab && (view.getUint32(at + layout.mapping, true) & ANONYMOUS) !== 0;
    if (!isAnonymous && isCache(flags, layout)) {
      const isPrivate = (flags & layout.hasPrivate) !== 0;
      if (!isPrivate && (filter & (cache | cachePrivate)) !== 0) return cache;
      if (isPrivate && (filter & cachePrivate) !== 0) return cachePrivate;
    }
    if ((filter & user) !== 0 && (isAnonymous || this.#isHugetlb(view, type, tail))) return user;
    if ((flags & layout.poisoned) !== 0) return KIND_POISONED;
    const isOffline = isType(type, layout.offlineType) || isType(type, layout.unacceptedType);
    return !isSlab && isOffline ? KIND_OFFLINE : KIND_KEPT;
  }

  #isHugetlb(view: DataView, type: number, tail: number | undefined): boolean {
    const { hugetlbType, destructor } = this.#layout;
    if (hugetlbType !== undefined) return isType(type, hugetlbType);
    if (destructor === undefined || tail === undefined) return false;
    return view.getUint8(tail + destructor.at) === destructor.hugetlb;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Since Linux 6.12 the type is the highest byte, and the other bytes may have other uses; before, it is the whole word
 * that VMCOREINFO has.
 */
function isType(word: number, value: number | undefined): boolean {
  if (value === undefined) return false;
  return (value & 0xffffff) === 0 ? word >>> 24 === value >>> 24 : word === value;
}

/**
 * Whether a page is on an LRU list or in the swap cache. Since 4.10, that bit counts only together with PG_swapbacked.
 */
function isCache(flags: number, { lru, swapCache, swapBacked }: StructPageLayout): boolean {
  if ((flags & lru) !== 0) return true;
  return (flags & swapCache) !== 0 && (swapBacked === undefined || (flags & swapBacked) !== 0);
}
