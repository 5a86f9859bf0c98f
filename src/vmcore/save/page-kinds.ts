import { attempt, KexecError } from '../../base/error.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { FILTER_LEVELS, needsStructPages } from './filter.js';
import { readStructPageLayout, type StructPageLayout } from './struct-page-layout.js';
import { createStructPageFinder, type FindStructPage } from './struct-pages.js';

/** The kind of a page is a level of the filter, by which it may be left out, or one of these. */
export const KIND_KEPT = 0;
/** Memory that the hardware reported as broken (`PG_hwpoison`): reading it may crash again. */
export const KIND_POISONED = 32;
/** Memory that a driver returned, for example to a hypervisor (`PG_offline`). */
export const KIND_OFFLINE = 64;

const { cache, 'cache-private': cachePrivate, user, free } = FILTER_LEVELS;

/** How many of `struct page` are read at once. */
const BATCH = 64;
/** Bit of `page.mapping`: anonymous memory. include/linux/page-flags.h, PAGE_MAPPING_ANON. */
const ANONYMOUS = 1;
/** Bit of `page.compound_head`: the rest is the address of the head. */
const TAIL = 1;
/** Blocks of the buddy allocator have at most 2^order pages. */
const MAX_ORDER = 20;

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
  /** The head that was read last. */
  #head: { readonly address: bigint; readonly kind: number } | undefined;

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if VMCOREINFO lacks what is needed. */
  constructor(vmcore: Vmcore, filter: number) {
    this.#virtual = vmcore.virtual;
    this.#filter = filter;
    this.#layout = readStructPageLayout(vmcore.vmcoreinfo);
    this.#find = createStructPageFinder(vmcore, this.#layout.size);
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
      const next = isWanted.indexOf(1, from);
      if (next < 0) return;
      from = next - (next % BATCH);
      const count = Math.min(BATCH, kinds.length - from);
      const wanted = isWanted.subarray(from, from + count);
      const view = this.#readStructPages(first + from, count);
      if (view === undefined) {
        this.unknown += wanted.reduce((sum, flag) => sum + flag, 0);
        continue;
      }
      for (let index = 0; index < count; index += 1) {
        const kind = this.#kindAt(view, index * this.#layout.size);
        if (kind === free) {
          const order = view.getUint32(index * this.#layout.size + this.#layout.private, true);
          const pages = order <= MAX_ORDER ? 2 ** order : 1;
          if ((first + from + index) % pages === 0)
            kinds.fill(free, from + index, Math.min(from + index + pages, kinds.length));
        } else if (kind !== KIND_KEPT && kinds[from + index] === KIND_KEPT) kinds[from + index] = kind;
      }
    }
  }

  #readStructPages(frame: number, count: number): DataView | undefined {
    const view = attempt(() => {
      const address = this.#find(frame);
      return address === undefined ? undefined : this.#read(address, count);
    });
    return view instanceof KexecError ? undefined : view;
  }

  #read(address: bigint, count: number): DataView {
    const bytes = this.#virtual.read(address, count * this.#layout.size);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #kindAt(view: DataView, at: number): number {
    const { compoundHead } = this.#layout;
    const isTail = (struct: number): boolean =>
      struct < view.byteLength && (view.getUint32(struct + compoundHead, true) & TAIL) !== 0;
    const next = at + this.#layout.size;
    // The frame of a head is even, so its first tail is in the same batch.
    if (!isTail(at)) return this.#kindOf(view, at, isTail(next) ? next : undefined);
    return this.#kindOfHead(view.getBigUint64(at + compoundHead, true) - 1n);
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
    return !isSlab && isType(type, layout.offlineType) ? KIND_OFFLINE : KIND_KEPT;
  }

  #isHugetlb(view: DataView, type: number, tail: number | undefined): boolean {
    const { hugetlbType, destructor } = this.#layout;
    if (hugetlbType !== undefined) return isType(type, hugetlbType);
    if (destructor === undefined || tail === undefined) return false;
    return view.getUint8(tail + destructor.at) === destructor.hugetlb;
  }
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
