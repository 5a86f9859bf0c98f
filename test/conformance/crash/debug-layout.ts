import { runProgram } from '../../support/programs.js';

/** What the debug information of a vmlinux says of `struct page`, by name: a C expression of it. */
const EXPRESSIONS = {
  size: 'sizeof(struct page)',
  flags: '(long)&((struct page *)0)->flags',
  mapping: '(long)&((struct page *)0)->mapping',
  type: '(long)&((struct page *)0)->page_type',
  blockOrder: '(long)&((struct page *)0)->private',
  // Its lowest byte is the order of the folio: include/linux/mm.h, folio_order().
  folioOrder: '(long)&((struct folio *)0)->_flags_1',
  head: 'PG_head',
  lru: 'PG_lru',
  hasPrivate: 'PG_private',
  swapCache: 'PG_swapcache',
  swapBacked: 'PG_swapbacked',
  buddy: 'PGTY_buddy',
  offline: 'PGTY_offline',
  hugetlb: 'PGTY_hugetlb',
  slab: 'PGTY_slab',
} as const;

/** Offsets and sizes in bytes, numbers of bits in `flags`, and page types (the highest byte of `page_type`). */
export type DebugLayout = Readonly<Record<keyof typeof EXPRESSIONS, number>>;

/** Reads the layout by gdb: nothing of it is out of VMCOREINFO. */
export function readDebugLayout(vmlinux: string): DebugLayout {
  const names = Object.keys(EXPRESSIONS);
  const commands = Object.values(EXPRESSIONS).flatMap((what) => ['-ex', `printf "%ld\\n", (long)(${what})`]);
  const lines = runProgram('gdb-multiarch', ['-nx', '-batch', ...commands, vmlinux])
    .trim()
    .split('\n');
  const isComplete = lines.length === names.length && lines.every((line) => /^\d+$/.test(line));
  if (!isComplete) throw new Error(`gdb says of struct page: ${lines.join(', ')}`);
  return Object.fromEntries(names.map((name, index) => [name, Number(lines[index])])) as DebugLayout;
}
