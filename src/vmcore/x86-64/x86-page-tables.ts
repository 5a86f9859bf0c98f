import { BoundedBytes } from '../../base/bytes.js';
import { U64_LIMIT } from '../../base/u64.js';
import type { Mapping } from '../address/address-space.js';
import type { DumpMemory } from '../open/dump-memory.js';

const ENTRY_SIZE = 8;
/** log2 of {@link ENTRY_SIZE}. */
const ENTRY_SHIFT = 3n;
const PAGE_SHIFT = 12n;
/** A table has 512 entries. */
const LEVEL_BITS = 9n;

/** Bit P of an entry: without it, the other bits mean nothing. */
const PRESENT = 1n;
/** Bit PS: a page of 2 MiB or 1 GiB instead of a table. In the last level, this bit is PAT. */
const LARGE = 1n << 7n;
/** PAT in the entry of a large page; the other bits below its address are reserved. */
const PAT_OF_LARGE = 1n << 12n;
/** The levels above the last one whose entries may be pages: 2 MiB and 1 GiB. */
const MAX_LARGE_LEVEL = 2n;
/** Bits 12 to 51 of an entry are a physical address; software and protection keys have those from 52 on, and NX 63. */
const ADDRESS_MASK = (1n << 52n) - (1n << PAGE_SHIFT);

/** What decides how page tables are read. */
export interface X86TableLayout {
  /** 5 with CR4.LA57. */
  readonly levels: 4 | 5;
  /** `sme_mask`: the bit of an entry, among those of the address, that says that memory is encrypted (AMD SME); or 0. */
  readonly encryptionMask: bigint;
}

/**
 * Walks the page tables of a kernel (Intel SDM, volume 3, 4.5, "4-Level Paging and 5-Level Paging").
 *
 * @param root - the physical address of `init_top_pgt`
 * @param address - virtual
 * @returns undefined if the address is not mapped: it is no address of the kernel, or an entry is not present, or has a
 *   bit that is reserved, so that the CPU would fault
 * @throws KexecError, as the memory refuses, if a table was not dumped.
 */
export function walkX86PageTables(
  memory: DumpMemory,
  { levels, encryptionMask }: X86TableLayout,
  root: bigint,
  address: bigint,
): Mapping | undefined {
  const topLevel = BigInt(levels) - 1n;
  const bits = PAGE_SHIFT + BigInt(levels) * LEVEL_BITS;
  // The upper half of the addresses is the kernel's; bits from the highest on are all set.
  if (address < U64_LIMIT - (1n << (bits - 1n))) return undefined;
  let table = root;
  for (let level = topLevel; level >= 0n; level -= 1n) {
    const shift = PAGE_SHIFT + level * LEVEL_BITS;
    const index = BigInt.asUintN(Number(LEVEL_BITS), address >> shift);
    const entry = readEntry(memory, table + (index << ENTRY_SHIFT));
    if ((entry & PRESENT) === 0n) return undefined;
    const output = entry & ADDRESS_MASK & ~encryptionMask;
    const isLarge = level > 0n && (entry & LARGE) !== 0n;
    if (isLarge && level > MAX_LARGE_LEVEL) return undefined;
    if (level === 0n || isLarge) {
      const size = 1n << shift;
      const place = isLarge ? output & ~PAT_OF_LARGE : output;
      if (place % size !== 0n) return undefined;
      return { physical: place + (address & (size - 1n)), size };
    }
    table = output;
  }
  return undefined;
}

function readEntry(memory: DumpMemory, address: bigint): bigint {
  const bytes = memory.read(address, ENTRY_SIZE);
  return new BoundedBytes(bytes, { what: 'page table', check: 'dump-address', errno: 'EFAULT' }).u64le(0);
}
