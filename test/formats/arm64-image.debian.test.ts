import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseImageHeader } from '../../src/formats/arm64-image.js';
import { corpus } from '../support/corpus.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';

interface Fields {
  readonly code0: number;
  readonly code1: number;
  readonly textOffset: bigint;
  readonly imageSize: bigint;
  readonly flags: bigint;
  readonly reserved: readonly [bigint, bigint, bigint];
  readonly peOffset: number;
}

const NO_FIELDS: Fields = {
  code0: 0x91005a4d,
  code1: 0x14000003,
  textOffset: 0n,
  imageSize: 0x200000n,
  flags: 0n,
  reserved: [0n, 0n, 0n],
  peOffset: 64,
};

function encode(fields: Fields): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, fields.code0, true);
  view.setUint32(4, fields.code1, true);
  const numbers = [fields.textOffset, fields.imageSize, fields.flags, ...fields.reserved];
  for (const [index, value] of numbers.entries()) view.setBigUint64(8 + index * 8, value, true);
  bytes.set(new TextEncoder().encode('ARM\x64'), 56);
  view.setUint32(60, fields.peOffset, true);
  return bytes;
}

/** What file(1) says: "Linux kernel ARM64 boot executable Image, little-endian, 4K pages". */
function accordingToFile(path: string) {
  const words = runProgram('file', ['--brief', path]).match(
    /ARM64 boot executable Image, (\w+)-endian(?:, (\d+)K pages)?/,
  );
  return { bigEndian: words?.[1] === 'big', pageSize: words?.[2] && Number(words[2]) * 1024 };
}

describe('parseImageHeader', () => {
  it.each(corpus.kernels())('agrees with file(1) on $package', ({ path }) => {
    const header = parseImageHeader(readFileSync(path));
    expect(accordingToFile(path)).toEqual({ bigEndian: false, pageSize: 4096 });
    expect(header).toMatchObject(accordingToFile(path));
    expect(header).toMatchObject({ textOffset: 0n, placeAnywhere: true, hasEfiStub: true, peOffset: 64 });
    expect(header.reserved).toEqual([0n, 0n, 0n]);
    expect(header.reservedFlags).toBe(0n);
  });

  it.each([
    [0b0010n, { bigEndian: false, pageSize: 4096 }],
    [0b0100n, { bigEndian: false, pageSize: 16384 }],
    [0b0011n, { bigEndian: true, pageSize: 4096 }],
    [0b0101n, { bigEndian: true, pageSize: 16384 }],
  ])('agrees with file(1) on flags %s', (flags, expected) => {
    const bytes = encode({ ...NO_FIELDS, flags });
    const parsed = withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'Image'), bytes);
      return accordingToFile(join(folder, 'Image'));
    });
    expect(parsed).toEqual(expected);
    expect(parseImageHeader(bytes)).toMatchObject(expected);
  });

  it('reads page size 3 as 64K, as booting.rst defines it', () => {
    // Here file(1) 5.44 says "4K pages, 16K pages, 32K pages": it takes the two bits for flags of their own.
    expect(parseImageHeader(encode({ ...NO_FIELDS, flags: 0b0110n })).pageSize).toBe(65536);
  });

  it('reads every field at its offset', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    fc.assert(
      fc.property(
        fc.record({
          code0: u32,
          code1: u32,
          textOffset: u64,
          imageSize: u64,
          flags: u64,
          reserved: fc.tuple(u64, u64, u64),
          peOffset: u32,
        }),
        (fields) => {
          const header = parseImageHeader(encode(fields));
          expect(header).toMatchObject(fields);
          expect(header.reservedFlags | (header.flags & 0xfn)).toBe(fields.flags);
        },
      ),
    );
  });

  it('decodes the flags', () => {
    expect(parseImageHeader(encode({ ...NO_FIELDS, flags: 0n }))).toMatchObject({
      bigEndian: false,
      pageSize: undefined,
      placeAnywhere: false,
      reservedFlags: 0n,
    });
    expect(parseImageHeader(encode({ ...NO_FIELDS, flags: 0x8000_0000_0000_001bn }))).toMatchObject({
      bigEndian: true,
      pageSize: 4096,
      placeAnywhere: true,
      reservedFlags: 0x8000_0000_0000_0010n,
    });
  });

  it('returns image_size 0, and detects an Image without an EFI stub', () => {
    const header = parseImageHeader(encode({ ...NO_FIELDS, code0: 0x14000010, imageSize: 0n, peOffset: 0 }));
    expect(header).toMatchObject({ imageSize: 0n, hasEfiStub: false, peOffset: 0 });
  });

  it('refuses bytes of any length shorter than a header', () => {
    const bytes = encode(NO_FIELDS);
    for (let length = 0; length < 64; length += 1) {
      expect(() => parseImageHeader(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ check: 'image-header', errno: 'EINVAL' }),
      );
    }
  });

  it.each([56, 57, 58, 59])('refuses another magic number at byte %i', (offset) => {
    const bytes = encode(NO_FIELDS);
    bytes[offset] = 0;
    expect(() => parseImageHeader(bytes)).toThrow(
      expect.objectContaining({ check: 'image-magic', errno: 'EINVAL', offset: 56n }),
    );
  });
});
