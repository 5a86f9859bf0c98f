import { refuse } from '../../base/error.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';

/** The largest plausible `struct page`, in bytes. */
const MAX_STRUCT_SIZE = 1024;

/** Byte offsets of fields in `struct page`, and the values to compare with. */
export interface StructPageLayout {
  readonly size: number;
  readonly flags: number;
  readonly mapping: number;
  readonly mapcount: number;
  readonly private: number;
  readonly compoundHead: number;
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
    compoundHead: offset('compound_head'),
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
    destructor: findDestructor(facts, size),
  };
}

/** @param what - what VMCOREINFO has, or lacks */
function refuseLayout(what: string): never {
  const seen = `VMCOREINFO has ${what}: it is unknown what pages were used for, so only --filter 0 and 1 are possible`;
  refuse('vmcoreinfo', 'ENODATA', seen);
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
