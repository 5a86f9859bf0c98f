import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from '../../../../src/base/range.js';
import { GIB, MIB } from '../../../../src/base/u64.js';
import {
  buildIdentityMap,
  countTables,
  TABLE_SIZE,
} from '../../../../src/kexec/x86-64/pvh/pvh-identity-map.js';

const BASE = 0x123_4000n;

/** Walks the tables as the CPU does: Intel SDM, volume 3A, "4-Level Paging". @returns undefined if nothing is mapped */
function translate(tables: Uint8Array, address: bigint): bigint | undefined {
  const view = new DataView(tables.buffer);
  let table = BASE;
  for (const shift of [39n, 30n, 21n]) {
    const entry = view.getBigUint64(Number(table - BASE + ((address >> shift) & 511n) * 8n), true);
    if ((entry & 1n) === 0n) return undefined;
    expect(entry & 2n, 'writable').toBe(2n);
    if (shift === 21n) {
      expect(entry & 0x80n, 'a large page').toBe(0x80n);
      return (entry & 0x000f_ffff_ffe0_0000n) | (address & (2n * MIB - 1n));
    }
    table = entry & 0x000f_ffff_ffff_f000n;
  }
  return undefined;
}

const address = fc.bigInt(0n, (1n << 48n) - 64n * MIB);
const range = fc
  .tuple(address, fc.bigInt(1n, 32n * MIB))
  .map(([start, length]): Range => ({ start, end: start + length }));

describe('buildIdentityMap', () => {
  it('maps every byte of the ranges to itself, and no other page of 2 MiB', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 8 }), address, (ranges, other) => {
        const tables = buildIdentityMap(ranges, BASE);
        expect(tables.length).toBe(countTables(ranges) * TABLE_SIZE);
        for (const { start, end } of ranges) {
          for (const at of [start, (start + end) / 2n, end - 1n]) expect(translate(tables, at)).toBe(at);
        }
        const page = other - (other % (2n * MIB));
        const isMapped = ranges.some(({ start, end }) => start < page + 2n * MIB && page < end);
        expect(translate(tables, other)).toBe(isMapped ? other : undefined);
      }),
    );
  });

  it('shares tables', () => {
    expect(countTables([{ start: 0n, end: GIB }])).toBe(3);
    expect(countTables([{ start: 0n, end: GIB + 1n }])).toBe(4);
    expect(countTables([{ start: 1n << 39n, end: (1n << 39n) + 1n }])).toBe(3);
  });

  it('refuses what lies beyond 48 bits', () => {
    expect(() => buildIdentityMap([{ start: 1n << 48n, end: (1n << 48n) + 1n }], BASE)).toThrow(
      expect.objectContaining({ check: 'purgatory-map', errno: 'EINVAL' }),
    );
  });
});
