/**
 * Page tables that map addresses to themselves: Intel SDM, volume 3A, "4-Level Paging". All pages have 2 MiB, which every
 * x86_64 CPU has, and all rights, as in the map that a leaving kernel makes (kernel function `init_pgtable()`).
 */

import { refuse } from '../../../base/error.js';
import type { Range } from '../../../base/range.js';
import { alignDown, GIB, hex, MIB } from '../../../base/u64.js';

/** The size of a table in bytes. */
export const TABLE_SIZE = 4096;

/** The first address beyond 48 bits. */
const ADDRESS_LIMIT = 1n << 48n;

const LARGE_PAGE = 2n * MIB;

/** The bytes that an entry maps, by level from the root: PML4, PDPT, PD. */
const ENTRY_SIZES = [512n * GIB, GIB, LARGE_PAGE] as const;

/** Present, writable, accessed; of a page also dirty, and large. */
const TO_TABLE = 0x23n;
const TO_PAGE = 0xe3n;

/**
 * Builds the tables that map every byte of the ranges to itself.
 *
 * @param base - the physical address of the first table, the root; a multiple of 4096
 * @throws KexecError `EINVAL`, check `purgatory-map`, for a range beyond 48 bits.
 */
export function buildIdentityMap(ranges: readonly Range[], base: bigint): Uint8Array {
  const tables = new Map<string, Map<number, bigint>>();
  const table = (level: number, address: bigint): Map<number, bigint> => {
    const key = `${level} ${alignDown(address, (ENTRY_SIZES[level] ?? 0n) * 512n)}`;
    const found = tables.get(key) ?? new Map<number, bigint>();
    if (!tables.has(key)) tables.set(key, found);
    return found;
  };
  const addressOf = (of: Map<number, bigint>): bigint =>
    base + BigInt([...tables.values()].indexOf(of) * TABLE_SIZE);

  table(0, 0n);
  for (const page of listPages(ranges)) {
    for (const [level, size] of ENTRY_SIZES.entries()) {
      const entry =
        level === ENTRY_SIZES.length - 1 ? page | TO_PAGE : addressOf(table(level + 1, page)) | TO_TABLE;
      table(level, page).set(Number((page / size) % 512n), entry);
    }
  }
  return encodeTables([...tables.values()]);
}

/** The number of tables that {@link buildIdentityMap} builds. */
export function countTables(ranges: readonly Range[]): number {
  return buildIdentityMap(ranges, 0n).length / TABLE_SIZE;
}

/** The pages that have a byte of the ranges. */
function listPages(ranges: readonly Range[]): Set<bigint> {
  const pages = new Set<bigint>();
  for (const { start, end } of ranges) {
    if (end > ADDRESS_LIMIT) {
      refuse('purgatory-map', 'EINVAL', `a segment ends at ${hex(end)}`, {
        cure: 'place the segments lower, with --mem-max',
      });
    }
    for (let page = alignDown(start, LARGE_PAGE); page < end; page += LARGE_PAGE) pages.add(page);
  }
  return pages;
}

function encodeTables(tables: readonly ReadonlyMap<number, bigint>[]): Uint8Array {
  const bytes = new Uint8Array(tables.length * TABLE_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [index, entries] of tables.entries()) {
    for (const [at, entry] of entries) view.setBigUint64(index * TABLE_SIZE + at * 8, entry, true);
  }
  return bytes;
}
