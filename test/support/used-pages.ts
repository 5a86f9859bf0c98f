import { concatenate } from '../../src/base/bytes.js';
import { buildElfVmcore, buildNote } from './crashed-kernel.js';

/** A dump of a kernel whose `struct page` array describes the use of each page. */
export interface UsedPages {
  readonly vmcore: Uint8Array;
  /** The first page frame. */
  readonly first: number;
  /** The use of each page frame, by its distance from the first. */
  readonly uses: readonly Use[];
}

export const USES = [
  'plain',
  'cache',
  'cache-private',
  'swap',
  'user',
  'hugetlb',
  'compound-user',
  'slab',
  'free',
  'poisoned',
  'offline',
  'zero',
  'unaccepted',
] as const;
export type Use = (typeof USES)[number];

const PAGE = 4096;
const PAGES = 1024;
const STRUCT = 64;
const PHYSICAL = 0x40000000n;
const VIRTUAL = 0xffff800080000000n;
/** The number of pages for each use: a block of the buddy allocator. */
const BLOCK = 8;
const ORDER = 3;
/** The number of pages at the end, which contain the `struct page` array and `mem_section`. */
const STRUCTS_AT = (PAGES - 32) * PAGE;
const ROOTS_AT = (PAGES - 2) * PAGE;
const SECTIONS_AT = (PAGES - 1) * PAGE;

const LINUX_6_12 = {
  lines: [
    'OFFSET(page.compound_head)=8',
    'NUMBER(PG_lru)=5',
    'NUMBER(PG_private)=14',
    'NUMBER(PG_swapcache)=10',
    'NUMBER(PG_swapbacked)=17',
    'NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376',
    'NUMBER(PG_hwpoison)=20',
    'NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456',
    'NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592',
    'NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240',
    `SYMBOL(vmemmap)=${(VIRTUAL + BigInt(STRUCTS_AT) - (PHYSICAL / BigInt(PAGE)) * BigInt(STRUCT)).toString(16)}`,
  ],
  lru: 5,
  isPrivate: 14,
  swapCache: 10,
  swapBacked: 17,
  poisoned: 20,
  buddy: 0xf0000000,
  offline: 0xf1000000,
  // The lower 24 bits are the owner's.
  hugetlb: 0xf4000123,
  slab: { flags: 0, type: 0xf5000007 },
  unaccepted: undefined,
  hasMask: false,
} as const;

const LINUX_7_3 = {
  ...LINUX_6_12,
  lines: [
    // VMCOREINFO_BYTES may be more than a page.
    ...Array.from({ length: 400 }, (_, index) => `OFFSET(a_struct_of_the_future.field_${index})=${index}`),
    ...LINUX_6_12.lines.filter((line) => !line.includes('compound_head')),
    'OFFSET(page.compound_info)=8',
    'LENGTH(zone.free_area)=4',
    'NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944',
  ],
  unaccepted: 0xf7000000,
} as const;

/** The differences between releases. */
const STYLES = {
  'Linux 6.12': LINUX_6_12,
  'Linux 7.3': LINUX_7_3,
  'Linux 7.3 with CONFIG_HUGETLB_PAGE_OPTIMIZE_VMEMMAP': { ...LINUX_7_3, hasMask: true },
  'Linux 6.1': {
    lines: [
      'OFFSET(page.compound_head)=8',
      'NUMBER(PG_lru)=4',
      'NUMBER(PG_private)=13',
      'NUMBER(PG_swapcache)=10',
      'NUMBER(PG_swapbacked)=19',
      'NUMBER(PG_slab)=9',
      'NUMBER(PG_hwpoison)=22',
      'NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129',
      'NUMBER(HUGETLB_PAGE_DTOR)=2',
      'NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257',
      'OFFSET(page.compound_dtor)=16',
      `SYMBOL(mem_section)=${(VIRTUAL + BigInt(ROOTS_AT)).toString(16)}`,
      'SIZE(mem_section)=16',
      'OFFSET(mem_section.section_mem_map)=0',
      'NUMBER(SECTION_SIZE_BITS)=27',
    ],
    lru: 4,
    isPrivate: 13,
    swapCache: 10,
    swapBacked: 19,
    poisoned: 22,
    buddy: 0xffffff7f,
    offline: 0xfffffeff,
    hugetlb: undefined,
    // The counters of the slab share their place with the count of mappings: they may have any value.
    slab: { flags: 1 << 9, type: 0xffffff7f },
    unaccepted: undefined,
    hasMask: false,
  },
} as const;

export const KERNELS = Object.keys(STYLES) as (keyof typeof STYLES)[];

/**
 * Builds a dump whose blocks of 8 pages have one use after the other. It is one long function because it follows the
 * layout of the dump.
 */
export function buildUsedPages(kernel: keyof typeof STYLES): UsedPages {
  const style = STYLES[kernel];
  const memory = new Uint8Array(PAGES * PAGE);
  const view = new DataView(memory.buffer);
  const uses = Array.from({ length: PAGES }, (_, frame): Use => {
    const use = USES[Math.floor(frame / BLOCK)] ?? 'plain';
    return use === 'unaccepted' && style.unaccepted === undefined ? 'plain' : use;
  });
  const structAddress = (frame: number): bigint => VIRTUAL + BigInt(STRUCTS_AT + frame * STRUCT);
  for (const [frame, use] of uses.entries()) {
    if (use !== 'zero') view.setUint32(frame * PAGE + 4000, frame + 1, true);
    const at = STRUCTS_AT + frame * STRUCT;
    const isHead = frame % BLOCK === 0;
    const put = (flags: readonly number[], type = 0xffffffff, mapping = 0n): void => {
      view.setUint32(
        at,
        flags.reduce((sum, bit) => sum | (1 << bit), 0),
        true,
      );
      view.setUint32(at + 48, type, true);
      view.setBigUint64(at + 24, mapping, true);
    };
    const head = style.hasMask ? BigInt(-BLOCK * STRUCT) : structAddress(frame - (frame % BLOCK));
    const putTail = (): void => view.setBigUint64(at + 8, BigInt.asUintN(64, head) + 1n, true);
    put([]);
    if (use === 'cache') put([style.lru]);
    if (use === 'cache-private') put([style.lru, style.isPrivate]);
    if (use === 'swap') put([style.swapCache, style.swapBacked]);
    if (use === 'user') put([style.lru, style.swapBacked], 3, 0xffff000012345679n);
    if (use === 'slab') {
      put([], style.slab.type, 1n);
      view.setUint32(at, style.slab.flags, true);
    }
    if (use === 'poisoned') put([style.poisoned]);
    if (use === 'offline') put([], style.offline);
    if (use === 'unaccepted' && isHead) put([], style.unaccepted);
    if (use === 'free' && isHead) {
      put([], style.buddy);
      view.setUint32(at + 40, ORDER, true);
    }
    if (use === 'compound-user') {
      if (isHead) put([style.swapBacked], 0, 0xffff000012345679n);
      else putTail();
    }
    if (use === 'hugetlb') {
      if (isHead) put([], style.hugetlb);
      else putTail();
      if (frame % BLOCK === 1) view.setUint8(at + 16, 2);
    }
  }
  const section = Number(PHYSICAL >> 27n);
  view.setBigUint64(ROOTS_AT + Math.floor(section / 256) * 8, VIRTUAL + BigInt(SECTIONS_AT), true);
  const base = structAddress(0) - (PHYSICAL / BigInt(PAGE)) * BigInt(STRUCT);
  view.setBigUint64(SECTIONS_AT + (section % 256) * 16, base | 0xfn, true);

  const lines = [
    `OSRELEASE=${kernel}`,
    'PAGESIZE=4096',
    'NUMBER(VA_BITS)=48',
    'SIZE(page)=64',
    'OFFSET(page.flags)=0',
    'OFFSET(page._mapcount)=48',
    'OFFSET(page.mapping)=24',
    'OFFSET(page.private)=40',
    ...style.lines,
    'CRASHTIME=1700000000',
  ];
  const notes = buildNote('VMCOREINFO', 0, new TextEncoder().encode(lines.join('\n')));
  const pieces = [{ physical: PHYSICAL, virtual: VIRTUAL, bytes: concatenate([memory]) }];
  return { vmcore: buildElfVmcore({ notes, pieces }), first: Number(PHYSICAL) / PAGE, uses };
}
