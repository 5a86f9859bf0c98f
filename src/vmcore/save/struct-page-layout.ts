import { refuse } from '../../base/error.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';

/** The largest plausible `struct page`, in bytes. */
const MAX_STRUCT_SIZE = 1024;
/** The most plausible orders of the buddy allocator: arm64 has at most 14. */
const MAX_ORDERS = 21;

/** Byte offsets of fields in `struct page`, and the values to compare with. */
export interface StructPageLayout {
  readonly size: number;
  readonly flags: number;
  readonly mapping: number;
  readonly mapcount: number;
  readonly private: number;
  /** `compound_info`, which was `compound_head` before Linux 7. */
  readonly compoundInfo: number;
  /** Whether a tail page may have a mask there instead of the address of its head. */
  readonly mayHaveMask: boolean;
  /** Masks of bits in `flags`; 0 if the kernel has no such bit. */
  readonly lru: number;
  readonly hasPrivate: number;
  readonly swapCache: number;
  readonly swapBacked: number | undefined;
  readonly slab: number;
  readonly poisoned: number;
  /** Values of `_mapcount` that are page types. */
  readonly slabType: number | undefined;
  readonly buddyType: number;
  readonly offlineType: number | undefined;
  readonly hugetlbType: number | undefined;
  readonly unacceptedType: number | undefined;
  /** The largest block of the buddy allocator, in pages: `MAX_ORDER_NR_PAGES`; 1 if VMCOREINFO does not say. */
  readonly maxBlockPages: number;
  /** In kernels before page types: the offset in the first tail page of a byte, and its value for hugetlbfs. */
  readonly destructor: { readonly at: number; readonly hugetlb: number } | undefined;
}

/**
 * Reads the layout of `struct page` from VMCOREINFO.
 *
 * @throws KexecError `ENODATA`, check `vmcoreinfo`, if a part that every kernel has is missing.
 */
export function readStructPageLayout(facts: VmcoreinfoFacts): StructPageLayout {
  const size = facts.needSmall('SIZE(page)');
  if (size > MAX_STRUCT_SIZE) refuseLayout(`SIZE(page)=${size}, which is not plausible`);
  const offset = (field: string, fieldSize = 8): number => {
    const at = facts.needSmall(`OFFSET(page.${field})`);
    if (at + fieldSize > size) refuseLayout(`OFFSET(page.${field})=${at}, which exceeds SIZE(page)=${size}`);
    return at;
  };
  return {
    size,
    flags: offset('flags'),
    mapping: offset('mapping'),
    mapcount: offset('_mapcount', 4),
    private: offset('private'),
    ...findCompoundInfo(facts, size, offset),
    lru: needFlag(facts, 'PG_lru'),
    hasPrivate: needFlag(facts, 'PG_private'),
    swapCache: needFlag(facts, 'PG_swapcache'),
    swapBacked: findFlag(facts, 'PG_swapbacked'),
    slab: findFlag(facts, 'PG_slab') ?? 0,
    poisoned: findFlag(facts, 'PG_hwpoison') ?? 0,
    slabType: findWord(facts, 'PAGE_SLAB_MAPCOUNT_VALUE'),
    buddyType:
      findWord(facts, 'PAGE_BUDDY_MAPCOUNT_VALUE') ?? refuseLayout('no NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)'),
    offlineType: findWord(facts, 'PAGE_OFFLINE_MAPCOUNT_VALUE'),
    hugetlbType: findWord(facts, 'PAGE_HUGETLB_MAPCOUNT_VALUE'),
    unacceptedType: findWord(facts, 'PAGE_UNACCEPTED_MAPCOUNT_VALUE'),
    maxBlockPages: findMaxBlockPages(facts),
    destructor: findDestructor(facts, size),
  };
}

/** @param what - what VMCOREINFO has, or lacks */
function refuseLayout(what: string): never {
  const seen = `VMCOREINFO has ${what}: it is unknown what pages were used for, so only --filter 0 and 1 are possible`;
  refuse('vmcoreinfo', 'ENODATA', seen);
}

/**
 * Linux 7 has `compound_info`, in which tail pages have a mask if CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP is on and the
 * size of `struct page` is a power of two. VMCOREINFO does not have the former. include/linux/page-flags.h,
 * `compound_info_has_mask()`.
 */
function findCompoundInfo(
  facts: VmcoreinfoFacts,
  size: number,
  offset: (field: string) => number,
): Pick<StructPageLayout, 'compoundInfo' | 'mayHaveMask'> {
  if (facts.lines['OFFSET(page.compound_info)'] === undefined)
    return { compoundInfo: offset('compound_head'), mayHaveMask: false };
  return { compoundInfo: offset('compound_info'), mayHaveMask: Number.isInteger(Math.log2(size)) };
}

/** The zone's lists of free blocks are one for each order, the largest last. */
function findMaxBlockPages(facts: VmcoreinfoFacts): number {
  const orders = facts.small('LENGTH(zone.free_area)') ?? 0;
  return orders >= 1 && orders <= MAX_ORDERS ? 2 ** (orders - 1) : 1;
}

function findDestructor(facts: VmcoreinfoFacts, size: number): StructPageLayout['destructor'] {
  const at = facts.small('OFFSET(page.compound_dtor)');
  const hugetlb = facts.number('HUGETLB_PAGE_DTOR');
  if (at === undefined || hugetlb === undefined || at >= size) return undefined;
  return { at, hugetlb: Number(BigInt.asUintN(8, hugetlb)) };
}

/** `NUMBER(PG_…)` is the number of a bit. All that are needed are in the lower half of `page.flags`. */
function findFlag(facts: VmcoreinfoFacts, name: string): number | undefined {
  const bit = facts.number(name);
  return bit === undefined || bit > 31n ? undefined : (1 << Number(bit)) >>> 0;
}

function needFlag(facts: VmcoreinfoFacts, name: string): number {
  return findFlag(facts, name) ?? refuseLayout(`no NUMBER(${name})`);
}

function findWord(facts: VmcoreinfoFacts, name: string): number | undefined {
  const value = facts.number(name);
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}
