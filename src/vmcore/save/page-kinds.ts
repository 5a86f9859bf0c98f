import { KexecError, refuse } from '../../base/error.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { FILTER_LEVELS, needsStructPages } from './filter.js';
import { createStructPageFinder, type FindStructPage } from './struct-pages.js';

/** What a page is, as far as that lets it be left out: a level of the filter, or one of these. */
export const KIND_KEPT = 0;
/** Memory that the hardware reported to be broken (`PG_hwpoison`): a read of it may crash once more. */
export const KIND_POISONED = 32;
/** Memory that a driver gave back, to a hypervisor say (`PG_offline`). */
export const KIND_OFFLINE = 64;

const { cache, 'cache-private': cachePrivate, user, free } = FILTER_LEVELS;

/** So many of `struct page` are read at once. */
const BATCH = 64;
/** Bits of `page.mapping`: anonymous memory. include/linux/page-flags.h, PAGE_MAPPING_ANON. */
const ANONYMOUS = 1;
/** Bit of `page.compound_head`: the rest is the address of the head. */
const TAIL = 1;
/** Blocks of the buddy allocator have at most 2^order pages. */
const LARGEST_ORDER = 20;
const STRUCT_LIMIT = 1024;

/** Where `struct page` has what, in bytes; and what it is compared with. */
interface Layout {
  readonly size: number;
  readonly flags: number;
  readonly mapping: number;
  readonly mapcount: number;
  readonly private: number;
  readonly compoundHead: number;
  readonly lru: number;
  readonly hasPrivate: number;
  readonly swapCache: number;
  readonly swapBacked: number | undefined;
  readonly slab: number;
  readonly poisoned: number;
  readonly slabType: number | undefined;
  readonly buddyType: number;
  readonly offlineType: number | undefined;
  readonly hugetlbType: number | undefined;
  /** Of kernels before page types: in the first tail page, one byte, and its value. */
  readonly destructor: { readonly at: number; readonly hugetlb: number } | undefined;
}

/**
 * Tells what pages were used for, by the kernel's `struct page`, in the order in which makedumpfile asks. A page that
 * is part of a larger one is what that one is.
 */
export class PageKinds {
  /** Page frames whose `struct page` cannot be read; they are kept. */
  unknown = 0;
  readonly #virtual: VirtualMemory;
  readonly #filter: number;
  readonly #layout: Layout;
  readonly #find: FindStructPage;
  #head: { readonly address: bigint; readonly kind: number } | undefined;

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if VMCOREINFO does not tell what is needed. */
  constructor(vmcore: Vmcore, filter: number) {
    this.#virtual = vmcore.virtual;
    this.#filter = filter;
    this.#layout = layoutOf(vmcore.vmcoreinfo);
    this.#find = createStructPageFinder(vmcore, this.#layout.size);
  }

  /** Nothing if the filter does not ask what pages were used for. @throws as the constructor. */
  static for(vmcore: Vmcore, filter: number): PageKinds | undefined {
    return needsStructPages(filter) ? new PageKinds(vmcore, filter) : undefined;
  }

  /**
   * Marks pages that may be left out, by their kind, in what was all {@link KIND_KEPT}.
   *
   * @param kinds - an element for each frame from `first` on; a block of free pages ends where they end
   * @param isWanted - which frames count
   */
  mark(first: number, kinds: Uint8Array, isWanted: Uint8Array): void {
    for (let from = 0; from < kinds.length; from += BATCH) {
      const count = Math.min(BATCH, kinds.length - from);
      if (isWanted.indexOf(1, from) < 0) return;
      const wanted = isWanted.subarray(from, from + count);
      if (!wanted.includes(1)) continue;
      const view = this.#read(first + from, count);
      if (view === undefined) {
        this.unknown += wanted.reduce((sum, one) => sum + one, 0);
        continue;
      }
      for (let index = 0; index < count; index += 1) {
        const kind = this.#kindAt(view, index * this.#layout.size);
        if (kind === free) {
          const order = view.getUint32(index * this.#layout.size + this.#layout.private, true);
          const pages = order <= LARGEST_ORDER ? 2 ** order : 1;
          if ((first + from + index) % pages === 0)
            kinds.fill(free, from + index, Math.min(from + index + pages, kinds.length));
        } else if (kind !== KIND_KEPT && kinds[from + index] === KIND_KEPT) kinds[from + index] = kind;
      }
    }
  }

  #read(frame: number, count: number): DataView | undefined {
    try {
      const at = this.#find(frame);
      return at === undefined ? undefined : viewOf(this.#virtual.read(at, count * this.#layout.size));
    } catch (error) {
      if (error instanceof KexecError) return undefined;
      throw error;
    }
  }

  #kindAt(view: DataView, at: number): number {
    const { compoundHead } = this.#layout;
    const isTail = (one: number): boolean =>
      one < view.byteLength && (view.getUint32(one + compoundHead, true) & TAIL) !== 0;
    const next = at + this.#layout.size;
    // A head's frame is even, so that its first tail was read with it.
    if (!isTail(at)) return this.#kindOf(view, at, isTail(next) ? next : undefined);
    return this.#kindOfHead(view.getBigUint64(at + compoundHead, true) - 1n);
  }

  #kindOfHead(address: bigint): number {
    if (this.#head?.address === address) return this.#head.kind;
    let kind = KIND_KEPT;
    try {
      const both = viewOf(this.#virtual.read(address, 2 * this.#layout.size));
      kind = this.#kindOf(both, 0, this.#layout.size);
    } catch (error) {
      if (!(error instanceof KexecError)) throw error;
    }
    this.#head = { address, kind };
    return kind;
  }

  /** @param tail - where the first tail page's struct is, if it is known that there is one */
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
 * Kernels from 6.12 on have the type in the highest byte, and may use the rest otherwise; those before have the word as
 * VMCOREINFO tells it.
 */
function isType(word: number, value: number | undefined): boolean {
  if (value === undefined) return false;
  return (value & 0xffffff) === 0 ? word >>> 24 === value >>> 24 : word === value;
}

/** Whether a page is on an LRU list, or in the swap cache (whose bit means that with PG_swapbacked only, from 4.10). */
function isCache(flags: number, { lru, swapCache, swapBacked }: Layout): boolean {
  if ((flags & lru) !== 0) return true;
  return (flags & swapCache) !== 0 && (swapBacked === undefined || (flags & swapBacked) !== 0);
}

function layoutOf(facts: VmcoreinfoFacts): Layout {
  const size = facts.needSmall('SIZE(page)');
  const offset = (field: string): number => {
    const at = facts.needSmall(`OFFSET(page.${field})`);
    if (at + 8 <= size || (field === '_mapcount' && at + 4 <= size)) return at;
    return refuse(
      'vmcoreinfo',
      'ENODATA',
      `VMCOREINFO has no OFFSET(page.${field}) within SIZE(page): what pages were used for is not known, and --filter 0 or 1 is what can be done`,
    );
  };
  if (size > STRUCT_LIMIT)
    refuse(
      'vmcoreinfo',
      'ENODATA',
      `VMCOREINFO has no plausible SIZE(page): what pages were used for is not known, and --filter 0 or 1 is what can be done`,
    );
  const destructorAt = facts.small('OFFSET(page.compound_dtor)');
  const hugetlb = facts.number('HUGETLB_PAGE_DTOR');
  return {
    size,
    flags: offset('flags'),
    mapping: offset('mapping'),
    mapcount: offset('_mapcount'),
    private: offset('private'),
    compoundHead: offset('compound_head'),
    lru: needFlag(facts, 'PG_lru'),
    hasPrivate: needFlag(facts, 'PG_private'),
    swapCache: needFlag(facts, 'PG_swapcache'),
    swapBacked: flag(facts, 'PG_swapbacked'),
    slab: flag(facts, 'PG_slab') ?? 0,
    poisoned: flag(facts, 'PG_hwpoison') ?? 0,
    slabType: word(facts, 'PAGE_SLAB_MAPCOUNT_VALUE'),
    buddyType:
      word(facts, 'PAGE_BUDDY_MAPCOUNT_VALUE') ??
      refuse(
        'vmcoreinfo',
        'ENODATA',
        `VMCOREINFO has no NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE): what pages were used for is not known, and --filter 0 or 1 is what can be done`,
      ),
    offlineType: word(facts, 'PAGE_OFFLINE_MAPCOUNT_VALUE'),
    hugetlbType: word(facts, 'PAGE_HUGETLB_MAPCOUNT_VALUE'),
    destructor:
      destructorAt === undefined || hugetlb === undefined || destructorAt >= size
        ? undefined
        : { at: destructorAt, hugetlb: Number(BigInt.asUintN(8, hugetlb)) },
  };
}

/** `NUMBER(PG_…)`: the bit's number; all that are asked for are in the lower half of `page.flags`. */
function flag(facts: VmcoreinfoFacts, name: string): number | undefined {
  const bit = facts.number(name);
  return bit === undefined || bit > 31n ? undefined : (1 << Number(bit)) >>> 0;
}

function needFlag(facts: VmcoreinfoFacts, name: string): number {
  return (
    flag(facts, name) ??
    refuse(
      'vmcoreinfo',
      'ENODATA',
      `VMCOREINFO has no NUMBER(${name}): what pages were used for is not known, and --filter 0 or 1 is what can be done`,
    )
  );
}

function word(facts: VmcoreinfoFacts, name: string): number | undefined {
  const value = facts.number(name);
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
