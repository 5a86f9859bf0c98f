import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlaps, type Range } from '../../../../src/base/range.js';
import {
  type Access,
  ADDRESS_LIMIT,
  buildPageTables,
  type Mapping,
  measureTables,
  TABLE_SIZE,
} from '../../../../src/kexec/arm64/purgatory/identity-map.js';

const BASE = 0x12_3456_7000n;
const PAGE = 4096n;

interface Translation {
  readonly address: bigint;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly level: number;
}

/** Translates an address as the architecture does: Arm Architecture Reference Manual, D8.2 and D8.3. */
function walk(tables: Uint8Array, address: bigint, level = 0, table = BASE): Translation | undefined {
  const view = new DataView(tables.buffer, tables.byteOffset);
  const shift = 39n - 9n * BigInt(level);
  const index = (address >> shift) & 0x1ffn;
  const descriptor = view.getBigUint64(Number(table - BASE) + Number(index) * 8, true);
  if ((descriptor & 1n) === 0n) return undefined;
  const isTableOrPage = (descriptor & 2n) !== 0n;
  const output = descriptor & 0x0000_ffff_ffff_f000n;
  if (level < 3 && isTableOrPage) return walk(tables, address, level + 1, output);
  if (level === 3 && !isTableOrPage) throw new Error('reserved descriptor');
  if (level === 0) throw new Error('no blocks on level 0');
  const mask = (1n << shift) - 1n;
  expect(output & mask, 'the output address is aligned to the block').toBe(0n);
  expect((descriptor >> 10n) & 1n, 'the access flag').toBe(1n);
  expect((descriptor >> 8n) & 3n, 'inner shareable').toBe(3n);
  expect((descriptor >> 2n) & 7n, 'AttrIndx').toBe(0n);
  const executeNever = (descriptor >> 53n) & 3n;
  expect([0n, 3n]).toContain(executeNever);
  return {
    address: output | (address & mask),
    writable: ((descriptor >> 7n) & 1n) === 0n,
    executable: executeNever === 0n,
    level,
  };
}

const EXPECTED: Readonly<Record<Access, { writable: boolean; executable: boolean }>> = {
  'read-only': { writable: false, executable: false },
  code: { writable: false, executable: true },
  data: { writable: true, executable: false },
};

function expectMapped(tables: Uint8Array, address: bigint, access: Access): void {
  expect(walk(tables, address)).toMatchObject({ address, ...EXPECTED[access] });
}

describe('buildPageTables', () => {
  it('maps the given ranges to themselves, and nothing else', () => {
    const mappings: Mapping[] = [
      { range: { start: 0x4020_0000n, end: 0x4254_1000n }, access: 'read-only' },
      { range: { start: 0x4254_1000n, end: 0x4254_2000n }, access: 'read-only' },
      { range: { start: 0xbfff_0000n, end: 0xbfff_3000n }, access: 'code' },
      { range: { start: 0xbfff_3000n, end: 0xbfff_4000n }, access: 'data' },
    ];
    const tables = buildPageTables(mappings, BASE);
    for (const { range, access } of mappings) {
      expectMapped(tables, range.start, access);
      expectMapped(tables, range.end - 1n, access);
    }
    expect(walk(tables, 0x401f_ffffn)).toBeUndefined();
    expect(walk(tables, 0x4254_2000n)).toBeUndefined();
    expect(walk(tables, 0xbffe_ffffn)).toBeUndefined();
    expect(walk(tables, 0xbfff_4000n)).toBeUndefined();
    expect(walk(tables, 0n)).toBeUndefined();
  });

  it('uses blocks of 1 GiB and 2 MiB where they fit', () => {
    const range = { start: 0x7fe0_0000n, end: 0xc000_1000n };
    const tables = buildPageTables([{ range, access: 'read-only' }], BASE);
    expect(walk(tables, 0x7fe0_0000n)?.level).toBe(2);
    expect(walk(tables, 0x8000_0000n)?.level).toBe(1);
    expect(walk(tables, 0xc000_0000n)?.level).toBe(3);
    expect(tables.length).toBe(5 * TABLE_SIZE);
  });

  it('reaches the last page of 48 bits, and refuses the next', () => {
    const range = { start: ADDRESS_LIMIT - PAGE, end: ADDRESS_LIMIT };
    expectMapped(buildPageTables([{ range, access: 'data' }], BASE), ADDRESS_LIMIT - 1n, 'data');
    const beyond = { start: ADDRESS_LIMIT - PAGE, end: ADDRESS_LIMIT + 1n };
    expect(() => buildPageTables([{ range: beyond, access: 'data' }], BASE)).toThrow(/more than 48 bits/);
  });

  it('refuses two uses of one page', () => {
    const range = { start: PAGE, end: PAGE + 8n };
    expect(() =>
      buildPageTables(
        [
          { range, access: 'data' },
          { range, access: 'read-only' },
        ],
        BASE,
      ),
    ).toThrow(/two uses of the memory at 0x1000/);
  });

  const size = fc.oneof(
    fc.bigInt(1n, 16n).map((pages) => pages * PAGE),
    fc.bigInt(1n, 3000n).map((pages) => pages * PAGE),
    fc.bigInt(1n, 600_000n).map((pages) => pages * PAGE),
  );
  const start = fc.oneof(
    fc.bigInt(0n, (1n << 20n) - 1n),
    fc.bigInt(0n, (1n << 35n) - 1n),
    fc.bigInt(0n, 64n).map((gib) => gib << 18n),
  );
  const range: fc.Arbitrary<Range> = fc
    .tuple(start, size)
    .map(([page, bytes]) => ({ start: page * PAGE, end: page * PAGE + bytes }));

  it('holds for any ranges apart from each other, within the room set aside', () => {
    const access = fc.constantFrom<Access>('read-only', 'code', 'data');
    const mappings = fc
      .array(fc.record({ range, access }), { minLength: 1, maxLength: 16 })
      .map((all) =>
        all.filter((one, index) => !all.slice(0, index).some((before) => overlaps(before.range, one.range))),
      );
    fc.assert(
      fc.property(mappings, fc.bigInt(0n, (1n << 48n) - 1n), (all, anywhere) => {
        const tables = buildPageTables(all, BASE);
        for (const { range: one, access: how } of all) {
          const middle = (one.start + one.end) / 2n;
          for (const address of [one.start, middle, one.end - 1n]) expectMapped(tables, address, how);
          for (const outside of [one.start - 1n, one.end, anywhere]) {
            const isMapped = all.some(({ range: other }) => other.start <= outside && outside < other.end);
            if (outside >= 0n && !isMapped) expect(walk(tables, outside)).toBeUndefined();
          }
        }
        const [own, ...others] = all as [Mapping, ...Mapping[]];
        const ownSize = own.range.end - own.range.start;
        if (ownSize <= 0x10_0000n) expect(tables.length).toBeLessThanOrEqual(measureTables(others, ownSize));
      }),
      { numRuns: 300 },
    );
  });
});
