/**
 * Translation tables for purgatory: Arm Architecture Reference Manual, D8.3 "Translation table descriptor formats", for
 * stage 1, a granule of 4 KiB and addresses of 48 bits.
 */

import { refuse } from '../../../base/error.js';
import { overlaps, type Range, rangeOf } from '../../../base/range.js';
import { alignDown, alignUp, GIB, hex, MIB } from '../../../base/u64.js';

/** The size of a table, and of the smallest mapping, in bytes. */
export const TABLE_SIZE = 4096;

/** The first address beyond 48 bits. */
export const ADDRESS_LIMIT = 1n << 48n;

/** How a range may be used. `data` is never executed, `code` and `read-only` are never written. */
export type Access = 'read-only' | 'code' | 'data';

/** A range that is mapped at its own physical address. */
export interface Mapping {
  readonly range: Range;
  readonly access: Access;
}

const ENTRIES = 512;
const LEVEL_0_ENTRY_SIZE = 512n * GIB;

/** The bytes that an entry maps, by level. */
const ENTRY_SIZES: readonly bigint[] = [LEVEL_0_ENTRY_SIZE, GIB, 2n * MIB, BigInt(TABLE_SIZE)];
const LAST_LEVEL = 3;

const TABLE = 0b11n;
const BLOCK = 0b01n;
const PAGE = 0b11n;

/** AttrIndx 0, which mmu.S makes write-back; inner shareable; accessed. */
const NORMAL = (0b11n << 8n) | (1n << 10n);

/** PXN and UXN; the latter is XN in the regime of EL2. */
const EXECUTE_NEVER = (1n << 53n) | (1n << 54n);

/**
 * AP[1] is 1 in all of them: the regime of EL2 requires that, and in that of EL1 it only adds access for EL0, which
 * does not run. EL1 may not execute what EL0 may write, so code is read-only.
 */
const ACCESS: Readonly<Record<Access, bigint>> = {
  'read-only': (0b11n << 6n) | EXECUTE_NEVER,
  code: 0b11n << 6n,
  data: (0b01n << 6n) | EXECUTE_NEVER,
};

/**
 * Builds the tables that map every range to itself, with the largest blocks that fit, and nothing else.
 *
 * @param base - physical address of the first table, which is that of level 0; a multiple of 4096
 * @throws KexecError `EINVAL`, check `purgatory-map`, for a range beyond 48 bits, or two uses of one page.
 */
export function buildPageTables(mappings: readonly Mapping[], base: bigint): Uint8Array {
  return buildTables(mappings, base).bytes();
}

function buildTables(mappings: readonly Mapping[], base: bigint): Tables {
  const tables = new Tables(base);
  for (const { range, access } of mappings) tables.map(roundToPages(range), access);
  return tables;
}

/**
 * Measures the tables for the ranges, with room for a further range whose place is not known.
 *
 * @param unplaced - the size of that range in bytes
 * @returns a size in bytes
 */
export function measureTables(mappings: readonly Mapping[], unplaced: bigint): number {
  // On each level below the root, the further range may need a table of its own, and cross into a second.
  const own = unplaced === 0n ? 0 : 2 * LAST_LEVEL;
  return (buildTables(mappings, 0n).count + own) * TABLE_SIZE;
}

function roundToPages({ start, end }: Range): Range {
  const size = BigInt(TABLE_SIZE);
  return { start: alignDown(start, size), end: alignUp(end, size) };
}

class Tables {
  readonly #base: bigint;
  readonly #tables: BigUint64Array[] = [new BigUint64Array(ENTRIES)];

  constructor(base: bigint) {
    this.#base = base;
  }

  map(range: Range, access: Access): void {
    if (range.end > ADDRESS_LIMIT)
      refuse(
        'purgatory-map',
        'EINVAL',
        `purgatory's map: an address of more than 48 bits, ${hex(range.end)}`,
      );
    this.#mapIn(0, 0, 0n, range, access);
  }

  get count(): number {
    return this.#tables.length;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.count * TABLE_SIZE);
    const view = new DataView(bytes.buffer);
    for (const [index, table] of this.#tables.entries()) {
      // Most of a table is 0, as the bytes are.
      table.forEach((entry, at) => {
        if (entry !== 0n) view.setBigUint64(index * TABLE_SIZE + at * 8, entry, true);
      });
    }
    return bytes;
  }

  /** Maps the part of the range that lies in the table, whose first entry maps `start`. */
  #mapIn(index: number, level: number, start: bigint, range: Range, access: Access): void {
    const entrySize = ENTRY_SIZES[level] as bigint;
    const table = this.#tables[index] as BigUint64Array;
    const first = range.start <= start ? 0 : Number((range.start - start) / entrySize);
    for (let at = first; at < ENTRIES; at += 1) {
      const entry = rangeOf(start + BigInt(at) * entrySize, entrySize);
      if (!overlaps(entry, range)) break;
      const isWhole = range.start <= entry.start && entry.end <= range.end;
      if (level === LAST_LEVEL || (isWhole && level > 0)) {
        const kind = level === LAST_LEVEL ? PAGE : BLOCK;
        this.#set(table, at, entry.start | NORMAL | ACCESS[access] | kind);
      } else {
        this.#mapIn(this.#tableAt(table, at), level + 1, entry.start, range, access);
      }
    }
  }

  #set(table: BigUint64Array, at: number, descriptor: bigint): void {
    const before = table[at];
    if (before !== 0n && before !== descriptor) {
      refuse(
        'purgatory-map',
        'EINVAL',
        `purgatory's map: two uses of the memory at ${hex(descriptor & (ADDRESS_LIMIT - BigInt(TABLE_SIZE)))}`,
      );
    }
    table[at] = descriptor;
  }

  /** The index of the table that an entry points to; adds one if there is none yet. */
  #tableAt(table: BigUint64Array, at: number): number {
    const entry = table[at] as bigint;
    if (entry === 0n) {
      this.#tables.push(new BigUint64Array(ENTRIES));
      const index = this.#tables.length - 1;
      table[at] = (this.#base + BigInt(index * TABLE_SIZE)) | TABLE;
      return index;
    }
    return Number(((entry & ~TABLE) - this.#base) / BigInt(TABLE_SIZE));
  }
}
