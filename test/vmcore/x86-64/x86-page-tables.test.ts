import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuse } from '../../../src/base/error.js';
import type { Mapping } from '../../../src/vmcore/address/address-space.js';
import type { DumpMemory } from '../../../src/vmcore/open/dump-memory.js';
import { walkX86PageTables } from '../../../src/vmcore/x86-64/x86-page-tables.js';
import { catchRefusal } from '../../support/hostile.js';

const ROOT = 0x100000n;
const SME = 1n << 47n;

/** Memory of tables: entries of 8 bytes by their physical address; the others are 0. */
type Tables = Map<bigint, bigint>;

/** @param holes - tables that were not dumped, by their physical address */
function memoryOf(tables: Tables, holes: ReadonlySet<bigint> = new Set()): DumpMemory {
  return {
    ranges: () => [],
    presentRuns: () => [],
    read: (address, length) => {
      expect(length).toBe(8);
      if (holes.has(address - (address % 4096n))) refuse('dump-memory', 'ENODATA', 'left out');
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, tables.get(address) ?? 0n, true);
      return bytes;
    },
  };
}

/** A page to map: its address as the indexes of the tables, the highest first, and where it is. */
interface Page {
  readonly indexes: readonly number[];
  /** 0 for a page of 4 KiB, 1 for 2 MiB, 2 for 1 GiB. */
  readonly level: number;
  readonly frame: bigint;
  /** Bits that change nothing: accessed, dirty, global, software's, protection keys, NX; of each entry on the way. */
  readonly ignored: bigint;
  /** PAT: bit 7 in the last level, bit 12 above it. */
  readonly pat: boolean;
}

/** Accessed, dirty and global; bits 9 to 11; 52 to 62; NX; writable, user, write-through, cache-disable. */
const IGNORED = 0x7ff0_0000_0000_0f7en | (1n << 63n);

const pageOf = (levels: number): fc.Arbitrary<Page> =>
  fc.record({
    // Few indexes, so that pages share tables.
    indexes: fc
      .tuple(
        fc.constantFrom(256, 257, 511),
        ...Array.from({ length: levels - 1 }, () => fc.constantFrom(0, 1, 255, 511)),
      )
      .map((all) => all as number[]),
    level: fc.constantFrom(0, 0, 1, 2),
    frame: fc.bigInt({ min: 0n, max: (1n << 35n) - 1n }),
    ignored: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((bits) => bits & IGNORED),
    pat: fc.boolean(),
  });

const sizeOf = (level: number): bigint => 1n << BigInt(12 + 9 * level);

function startOf({ indexes, level }: Page): bigint {
  const kept = indexes.slice(0, indexes.length - level);
  const value = kept.reduce((sum, index) => (sum << 9n) | BigInt(index), 0n) << BigInt(12 + 9 * level);
  const bits = 12n + 9n * BigInt(indexes.length);
  return (1n << 64n) - (1n << bits) + value;
}

/** Writes tables for pages; a page whose place is in use is left out. Returns those that are mapped. */
function buildTables(pages: readonly Page[], encryption: bigint): { tables: Tables; mapped: Page[] } {
  const tables: Tables = new Map();
  const next = new Map<bigint, bigint>();
  const mapped: Page[] = [];
  let free = ROOT + 4096n;
  for (const page of pages) {
    const { indexes, level, frame, ignored, pat } = page;
    const path = indexes.slice(0, indexes.length - level);
    let table: bigint | undefined = ROOT;
    for (const index of path.slice(0, -1)) {
      const at: bigint = (table ?? 0n) + BigInt(index * 8);
      if (tables.has(at) && !next.has(at)) table = undefined;
      if (table === undefined) break;
      if (!next.has(at)) {
        next.set(at, free);
        tables.set(at, free | encryption | ignored | 1n);
        free += 4096n;
      }
      table = next.get(at);
    }
    const at = (table ?? 0n) + BigInt((path.at(-1) ?? 0) * 8);
    if (table === undefined || tables.has(at)) continue;
    const size = sizeOf(level);
    const place = (frame * 4096n) & ~(size - 1n);
    const patBit = pat ? (level === 0 ? 1n << 7n : 1n << 12n) : 0n;
    tables.set(at, place | encryption | ignored | patBit | (level === 0 ? 1n : 0x81n));
    mapped.push(page);
  }
  return { tables, mapped };
}

/** The reference: the page, of all that are mapped, which contains the address. */
function find(mapped: readonly Page[], address: bigint): Mapping | undefined {
  const page = mapped.find((one) => address >= startOf(one) && address < startOf(one) + sizeOf(one.level));
  if (page === undefined) return undefined;
  const size = sizeOf(page.level);
  return { physical: ((page.frame * 4096n) & ~(size - 1n)) + (address - startOf(page)), size };
}

describe.each([4, 5] as const)('page tables of x86_64 with %i levels', (levels) => {
  it.each([0n, SME])('translate as a list of their pages does, with the encryption mask %i', (encryption) => {
    const layout = { levels, encryptionMask: encryption };
    fc.assert(
      fc.property(
        fc.array(pageOf(levels), { minLength: 1, maxLength: 12 }),
        pageOf(levels),
        fc.bigInt({ min: 0n, max: (1n << 30n) - 1n }),
        (pages, other, within) => {
          const { tables, mapped } = buildTables(pages, encryption);
          const memory = memoryOf(tables);
          for (const page of [...mapped, other]) {
            const address = startOf(page) + (within % sizeOf(page.level));
            expect(walkX86PageTables(memory, layout, ROOT, address)).toEqual(find(mapped, address));
          }
          expect(mapped.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('map nothing below the addresses of the kernel', () => {
    const lowest = (1n << 64n) - (1n << BigInt(11 + 9 * levels));
    const layout = { levels, encryptionMask: 0n };
    const memory = memoryOf(new Map([[ROOT + 2048n, 0x81n]]));
    for (const address of [0n, 1n << 46n, 1n << 63n, lowest - 1n])
      expect(walkX86PageTables(memory, layout, ROOT, address)).toBeUndefined();
  });

  it('end at any bytes: they translate, do not map, or are refused', () => {
    const layout = { levels, encryptionMask: 0n };
    const address = fc.bigInt({ min: (1n << 64n) - (1n << 47n), max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(address, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (virtual, entry) => {
        let reads = 0;
        const memory: DumpMemory = {
          ...memoryOf(new Map()),
          read: () => {
            reads += 1;
            const bytes = new Uint8Array(8);
            new DataView(bytes.buffer).setBigUint64(0, entry, true);
            return bytes;
          },
        };
        const mapping = walkX86PageTables(memory, layout, ROOT, virtual);
        expect(reads).toBeLessThanOrEqual(levels);
        if (mapping !== undefined) expect(mapping.physical).toBeLessThan(1n << 52n);
      }),
    );
  });

  it('that were not dumped are refused', () => {
    const layout = { levels, encryptionMask: 0n };
    const tables = new Map([[ROOT + 2048n, 0x200001n]]);
    const address = (1n << 64n) - (1n << BigInt(11 + 9 * levels));
    const walk = (holes: readonly bigint[]) => () =>
      walkX86PageTables(memoryOf(tables, new Set(holes)), layout, ROOT, address);
    expect(catchRefusal(walk([ROOT]))).toMatchObject({ check: 'dump-memory' });
    expect(catchRefusal(walk([0x200000n]))).toMatchObject({ check: 'dump-memory' });
    expect(walk([])()).toBeUndefined();
  });
});

describe('entries that a CPU of x86_64 faults at map nothing', () => {
  const layout = { levels: 4, encryptionMask: 0n } as const;
  const address = 0xffff800000000000n;
  it.each([
    ['a large page in the root', [0x81n]],
    ['a page of 1 GiB with a reserved bit', [0x200003n, 0x40002081n]],
    ['a page of 2 MiB with a reserved bit', [0x200003n, 0x300003n, 0x4181n | 0x100000n]],
    ['an entry that is not present', [0x200003n, 0x300003n, 0x400003n, 0x80000000000ffn & ~1n]],
  ])('%s', (_, entries) => {
    const places = [ROOT + 2048n, 0x200000n, 0x300000n, 0x400000n];
    const tables = new Map(entries.map((entry, index) => [places[index] ?? 0n, entry]));
    expect(walkX86PageTables(memoryOf(tables), layout, ROOT, address)).toBeUndefined();
  });
});
