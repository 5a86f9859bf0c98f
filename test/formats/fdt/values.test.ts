import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddressCells, readSizeCells } from '../../../src/formats/fdt/cells.js';
import { setProperty } from '../../../src/formats/fdt/edit.js';
import { createFdt, type FdtNode } from '../../../src/formats/fdt/tree.js';
import {
  encodeCells,
  encodeRange,
  encodeString,
  encodeStrings,
  encodeU32,
  encodeU64,
  readCells,
  readReg,
  readString,
  readStrings,
  readU32,
  readU64,
} from '../../../src/formats/fdt/values.js';

const REFUSED = expect.objectContaining({ check: 'dtb-value', errno: 'EINVAL' });
const U64_MAX = 0xffff_ffff_ffff_ffffn;

describe('numbers', () => {
  it('are big-endian', () => {
    expect(encodeU32(0x1234)).toEqual(new Uint8Array([0, 0, 0x12, 0x34]));
    expect(encodeU64(0x1_0000_0002n)).toEqual(new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2]));
    expect(encodeCells(0n, 0)).toEqual(new Uint8Array(0));
  });

  it('read as what was encoded', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.bigInt({ min: 0n, max: U64_MAX }), (small, large) => {
        expect(readU32(encodeU32(small))).toBe(small);
        expect(readU64(encodeU64(large))).toBe(large);
        expect(readCells(encodeCells(large, 2), 2)).toBe(large);
      }),
    );
    expect(readCells(new Uint8Array(0), 0)).toBe(0n);
  });

  it.each([
    ['more than its cells hold', () => encodeU32(0x1_0000_0000)],
    ['more than 64 bits', () => encodeU64(1n << 64n)],
    ['a number without cells', () => encodeCells(1n, 0)],
    ['a negative number', () => encodeU64(-1n)],
    ['three cells to write', () => encodeCells(0n, 3)],
    ['three cells to read', () => readCells(new Uint8Array(12), 3)],
    ['cells that are no integer', () => readCells(new Uint8Array(5), 1.25)],
    ['one cell where two belong', () => readU64(new Uint8Array(4))],
    ['two cells where one belongs', () => readU32(new Uint8Array(8))],
  ])('refuse %s', (_, act) => {
    expect(act).toThrow(REFUSED);
  });
});

describe('ranges', () => {
  it.each([
    [1, 1, [0x8000_0000n, 0x8000_0000n]],
    [2, 1, [U64_MAX, 0xffff_ffffn]],
    [1, 2, [0n, 0x1_0000_0000n]],
    [2, 2, [U64_MAX, U64_MAX]],
  ] as const)('of %i and %i cells read as what was encoded', (addresses, sizes, [address, size]) => {
    const range = { address, size };
    const value = encodeRange(range, addresses, sizes);
    expect(value).toHaveLength(4 * (addresses + sizes));
    expect(readReg(value, addresses, sizes)).toEqual([range]);
  });

  it.each([
    ['an address beyond one cell', [0x1_0000_0000n, 0n], 1, 2],
    ['an end beyond 4 GiB with one cell', [0x8000_0000n, 0x8000_0001n], 1, 1],
    ['a size beyond one cell', [0n, 0x1_0000_0000n], 2, 1],
    ['no cells for the address', [0n, 0n], 0, 1],
    ['no cells for the size', [0n, 0n], 1, 0],
    ['three cells', [0n, 0n], 3, 2],
  ] as const)('refuse %s', (_, [address, size], addresses, sizes) => {
    expect(() => encodeRange({ address, size }, addresses, sizes)).toThrow(REFUSED);
  });
});

describe('readReg', () => {
  it('reads any number of ranges, with size 0 if there are no cells for sizes', () => {
    expect(readReg(new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2]), 1, 0)).toEqual([
      { address: 1n, size: 0n },
      { address: 2n, size: 0n },
    ]);
    expect(readReg(new Uint8Array(0), 2, 2)).toEqual([]);
  });

  it.each([
    ['half a range', 12, 2, 2],
    ['ranges of no cells', 4, 0, 0],
    ['ranges of no cells, without a byte', 0, 0, 0],
    ['addresses of three cells', 16, 3, 1],
    ['sizes of three cells', 16, 1, 3],
  ])('refuses %s', (_, length, addresses, sizes) => {
    expect(() => readReg(new Uint8Array(length), addresses, sizes)).toThrow(REFUSED);
  });
});

describe('texts', () => {
  it('are UTF-8 with a NUL each', () => {
    expect(encodeString('grün')).toEqual(new Uint8Array([0x67, 0x72, 0xc3, 0xbc, 0x6e, 0]));
    expect(encodeStrings(['a', '', 'b'])).toEqual(new Uint8Array([0x61, 0, 0, 0x62, 0]));
  });

  it('read as what was encoded', () => {
    const text = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(text), text, (texts, one) => {
        expect(readStrings(encodeStrings(texts))).toEqual(texts);
        expect(readString(encodeString(one))).toBe(one);
      }),
    );
  });

  it.each([
    ['a text with a NUL', () => encodeString('a\0b')],
    ['no text where one belongs', () => readString(new Uint8Array(0))],
    ['two texts where one belongs', () => readString(new Uint8Array([0x61, 0, 0x62, 0]))],
    ['a text without its NUL', () => readStrings(new Uint8Array([0x61]))],
    ['what is not UTF-8', () => readStrings(new Uint8Array([0xff, 0]))],
  ])('refuse %s', (_, act) => {
    expect(act).toThrow(REFUSED);
  });
});

describe('readAddressCells and readSizeCells', () => {
  function rootWith(name: string, value: Uint8Array): FdtNode {
    const fdt = createFdt();
    setProperty(fdt, fdt.root, name, value);
    return fdt.root;
  }

  it('are 2 and 1 by default', () => {
    expect(readAddressCells(createFdt().root)).toBe(2);
    expect(readSizeCells(createFdt().root)).toBe(1);
  });

  it('are those of the node', () => {
    expect(readAddressCells(rootWith('#address-cells', encodeU32(4)))).toBe(4);
    expect(readSizeCells(rootWith('#size-cells', encodeU32(0)))).toBe(0);
  });

  it.each([
    ['no address cells', () => readAddressCells(rootWith('#address-cells', encodeU32(0)))],
    ['five cells', () => readSizeCells(rootWith('#size-cells', encodeU32(5)))],
    ['a number of two cells', () => readSizeCells(rootWith('#size-cells', encodeU64(1n)))],
  ])('refuse %s', (_, act) => {
    expect(act).toThrow(REFUSED);
  });
});
