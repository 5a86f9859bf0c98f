import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BoundedBytes,
  decodeLatin1,
  describeStart,
  encodeLatin1,
  equalBytes,
  findByFirstByte,
  findBytes,
  findLastBytes,
} from '../../src/base/bytes.js';
import { KexecError } from '../../src/base/error.js';

const blame = { what: 'device tree', check: 'dtb-header', errno: 'EINVAL' } as const;

describe('BoundedBytes', () => {
  const bytes = new BoundedBytes(new Uint8Array([0x12, 0x34, 0x56, 0x78, 0x61, 0x62, 0, 0x63]), blame);

  it('reads numbers of either byte order', () => {
    expect(bytes.u8(1)).toBe(0x34);
    expect(bytes.u16le(0)).toBe(0x3412);
    expect(bytes.u32le(0)).toBe(0x78563412);
    expect(bytes.u32be(0)).toBe(0x12345678);
    expect(bytes.u64be(0)).toBe(0x1234567861620063n);
    expect(bytes.u64le(0)).toBe(0x6300626178563412n);
  });

  it('shares memory with its slices', () => {
    const slice = bytes.slice(4n, 2n, 'letters');
    expect(slice.buffer).toBe(bytes.bytes.buffer);
    expect(Array.from(slice)).toEqual([0x61, 0x62]);
  });

  it('reads text up to its NUL, which must lie before the end', () => {
    expect(bytes.cString(4, 8, 'name')).toBe('ab');
    expect(() => bytes.cString(4, 6, 'name')).toThrow(/name has no terminating NUL \(at offset 0x4\)/);
    expect(() => bytes.cString(7, 8, 'name')).toThrow(KexecError);
  });

  it.each([
    ['one past the end', () => bytes.u8(8)],
    ['a number half outside', () => bytes.u32le(6)],
    ['a slice that is too long', () => bytes.slice(4, 5, 'letters')],
    ['an offset near 2^64', () => bytes.slice(0xffff_ffff_ffff_ffffn, 8n, 'letters')],
  ])('refuses %s, naming offset and rule', (_, read) => {
    expect(read).toThrow(
      expect.objectContaining({
        check: 'dtb-header',
        errno: 'EINVAL',
        message: expect.stringContaining('the rule:'),
      }),
    );
  });
});

it('decodes and encodes ISO 8859-1', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(encodeLatin1(decodeLatin1(bytes))).toEqual(bytes);
  expect(decodeLatin1(bytes, 0x41, 0x44)).toBe('ABC');
  expect(encodeLatin1('')).toEqual(new Uint8Array(0));
});

it('describes the first bytes of a file', () => {
  expect(describeStart(new Uint8Array(0))).toBe('is empty');
  expect(describeStart(Uint8Array.of(0x1f, 0x8b))).toBe('begins with [1f 8b]');
  expect(describeStart(new Uint8Array(100))).toBe('begins with [00 00 00 00 00 00 00 00]');
});

describe('equalBytes', () => {
  const bytes = Uint8Array.of(1, 2, 3);

  it.each([
    ['the same bytes', Uint8Array.of(1, 2, 3), true],
    ['another last byte', Uint8Array.of(1, 2, 4), false],
    ['a byte less', Uint8Array.of(1, 2), false],
    ['a byte more', Uint8Array.of(1, 2, 3, 0), false],
  ])('%s', (_, other, expected) => {
    expect(equalBytes(bytes, other)).toBe(expected);
    expect(equalBytes(other, bytes)).toBe(expected);
  });

  it('holds for two empty byte strings', () => {
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

describe('findBytes', () => {
  const bytes = encodeLatin1('ananas banana, ananas');
  const find = (text: string, from?: number): number => findBytes(bytes, encodeLatin1(text), from);

  it('finds the first place from an offset on, also at the end', () => {
    expect([find('nana'), find('nana', 2), find('ananas', 1), find('s', 6)]).toEqual([1, 9, 15, 20]);
    expect(find('ananas banana, ananas')).toBe(0);
  });

  it('returns -1 for what does not occur', () => {
    expect([find('ananaz'), find('ananas', 16), find('ananas banana, ananas!'), find('a', 100)]).toEqual([
      -1, -1, -1, -1,
    ]);
    expect(findBytes(new Uint8Array(), encodeLatin1('a'))).toBe(-1);
  });
});

it('findByFirstByte() finds what findBytes() finds', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }),
      fc.nat(22),
      (text, pattern, from) => {
        const [bytes, sought] = [encodeLatin1(text), encodeLatin1(pattern)];
        expect(findByFirstByte(bytes, sought, from)).toBe(findBytes(bytes, sought, from));
      },
    ),
  );
});

describe('findLastBytes', () => {
  const bytes = encodeLatin1('ananas banana, ananas');
  const find = (text: string, from = bytes.length): number => findLastBytes(bytes, encodeLatin1(text), from);

  it('finds the last place up to an offset, also at the start', () => {
    expect([find('nana'), find('nana', 15), find('nana', 9), find('nana', 8), find('s')]).toEqual([
      16, 9, 9, 1, 20,
    ]);
    expect([find('ananas', 14), find('ananas banana, ananas')]).toEqual([0, 0]);
  });

  it('returns -1 for what does not occur', () => {
    expect([find('ananaz'), find('nana', 0), find('a', -1), find('ananas banana, ananas!')]).toEqual([
      -1, -1, -1, -1,
    ]);
  });

  it('finds what findBytes() finds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }),
        fc.nat(20),
        (text, pattern, from) => {
          const found = findLastBytes(encodeLatin1(text), encodeLatin1(pattern), from);
          expect(found).toBe(text.lastIndexOf(pattern, from));
        },
      ),
    );
  });
});
