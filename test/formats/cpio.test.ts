import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCpio, CPIO_TYPE, type CpioSource, parseCpio } from '../../src/formats/cpio.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';
import { ascii, SOURCES } from './cpio-sources.js';

describe('buildCpio', () => {
  it('builds the same bytes each time, in whole blocks', () => {
    expect(buildCpio(SOURCES)).toEqual(buildCpio(SOURCES));
    expect(buildCpio([])).toHaveLength(512);
    expect(buildCpio(SOURCES).length % 512).toBe(0);
  });

  it.each<[string, CpioSource]>([
    ['an empty name', { type: 'directory', name: '' }],
    ['a name with a NUL', { type: 'directory', name: 'a\0b' }],
    ["the trailer's name", { type: 'directory', name: 'TRAILER!!!' }],
    ['a name of 4096 bytes', { type: 'directory', name: 'x'.repeat(4096) }],
    ['a time before 1970', { type: 'directory', name: 'a', mtime: -1 }],
    ['a time after 2106', { type: 'directory', name: 'a', mtime: 2 ** 32 }],
    ['a fraction of a device', { type: 'blockDevice', name: 'a', node: { major: 1.5, minor: 0 } }],
  ])('refuses %s', (_, source) => {
    expect(catchRefusal(() => buildCpio([source]))).toMatchObject({ check: 'cpio-entry', errno: 'EINVAL' });
  });

  it('accepts a name of 4095 bytes', () => {
    const name = 'x'.repeat(4095);
    expect(parseCpio(buildCpio([{ type: 'directory', name }])).entries[0]?.name).toBe(name);
  });
});

describe('parseCpio', () => {
  it('reads what buildCpio wrote', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((text) => !text.includes('\0') && text !== 'TRAILER!!!');
    const common = { name, mtime: u32, permissions: fc.integer({ min: 0, max: 0o7777 }) };
    const source: fc.Arbitrary<CpioSource> = fc.oneof(
      fc.record({ ...common, type: fc.constant('file' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({ ...common, type: fc.constant('directory' as const) }),
      fc.record({
        ...common,
        type: fc.constant('symlink' as const),
        target: fc.string({ unit: 'grapheme' }),
      }),
      fc.record({
        ...common,
        type: fc.constantFrom('characterDevice' as const, 'blockDevice' as const),
        node: fc.record({ major: u32, minor: u32 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(source, { maxLength: 8 }), (sources) => {
        const { entries, rest } = parseCpio(buildCpio(sources));
        expect(rest).toBeUndefined();
        expect(entries).toEqual(
          sources.map((expected, index) => ({
            name: expected.name,
            mode: CPIO_TYPE[expected.type] | (expected.permissions ?? 0),
            uid: 0,
            gid: 0,
            inode: index + 1,
            device: { major: 0, minor: 0 },
            links: 1,
            mtime: expected.mtime,
            node: 'node' in expected ? expected.node : { major: 0, minor: 0 },
            bytes: 'bytes' in expected ? expected.bytes : ascii('target' in expected ? expected.target : ''),
          })),
        );
      }),
    );
  });
  const one = buildCpio([{ type: 'file', name: 'one', bytes: ascii('1') }]);
  const two = buildCpio([{ type: 'file', name: 'two', bytes: ascii('2') }]);

  it('reads several archives, with zero bytes before, between and after them', () => {
    const { entries, rest } = parseCpio(
      joined(new Uint8Array(4), one, new Uint8Array(1020), two, new Uint8Array(3)),
    );
    expect(entries.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(rest).toBeUndefined();
  });

  it('needs no trailer', () => {
    const withoutTrailer = one.subarray(0, textOffset(one, '070701', 2));
    expect(parseCpio(withoutTrailer).entries.map(({ name }) => name)).toEqual(['one']);
    expect(parseCpio(joined(withoutTrailer, two)).entries.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it.each([
    ['gzip', [0x1f, 0x8b]],
    ['gzip', [0x1f, 0x9e]],
    ['bzip2', [0x42, 0x5a]],
    ['lzma', [0x5d, 0x00]],
    ['xz', [0xfd, 0x37]],
    ['lzo', [0x89, 0x4c]],
    ['lz4', [0x02, 0x21]],
    ['zstd', [0x28, 0xb5]],
  ])('stops at a %s archive', (kind, magic) => {
    expect(parseCpio(joined(one, Uint8Array.from(magic)))).toMatchObject({
      entries: [{ name: 'one' }],
      rest: { offset: one.length, kind },
    });
    expect(parseCpio(gzipSync(one))).toEqual({ entries: [], count: 0, rest: { offset: 0, kind: 'gzip' } });
  });

  it('ends a name at its first NUL: further ones align the data', () => {
    const padded = buildCpio([{ type: 'file', name: 'one', bytes: ascii('1') }]);
    padded[textOffset(padded, 'one') + 1] = 0;
    expect(parseCpio(padded).entries[0]?.name).toBe('o');
  });

  it('shares memory with the archive', () => {
    expect(parseCpio(one).entries[0]?.bytes.buffer).toBe(one.buffer);
  });

  it.each<[string, string, Uint8Array]>([
    ['another format', 'cpio-header', changed(one, '070701', '070707')],
    ['a header with a blank in a number', 'cpio-header', withField(one, 0, '       1')],
    ['a header with a sign in a number', 'cpio-header', withField(one, 0, '-0000001')],
    ['an entry that is not aligned', 'cpio-header', joined(new Uint8Array(2), one)],
    ['what is neither entry nor compressed', 'cpio-header', joined(one, ascii('hello'))],
    ['one byte', 'cpio-header', Uint8Array.of(0x1f)],
    ['a name of 0 bytes', 'cpio-entry', withField(one, 11, '00000000')],
    ['a name of 4 GiB', 'cpio-entry', withField(one, 11, 'ffffffff')],
    ['a name without NUL', 'cpio-entry', changed(one, 'one\0', 'once')],
    ['a name after the archive', 'cpio-entry', withField(one, 11, '00001000')],
    ['data of 4 GiB', 'cpio-entry', withField(one, 6, 'ffffffff')],
    ['a checksum that is off', 'cpio-checksum', changed(one, '070701', '070702')],
  ])('refuses %s', (_, check, archive) => {
    expect(catchRefusal(() => parseCpio(archive))).toMatchObject({ check, errno: 'EINVAL' });
  });

  it('reads the remaining entries of an archive that is cut short, or refuses it', () => {
    const archive = buildCpio(SOURCES);
    const starts = [...Array(archive.length).keys()].filter((offset) => textAt(archive, offset, '070701'));
    let taken = 0;
    for (let length = 0; length < archive.length; length += 1) {
      const refusal = catchRefusal(() => {
        const { entries } = parseCpio(archive.subarray(0, length));
        expect(entries).toHaveLength(
          Math.min(starts.filter((start) => start < length).length, SOURCES.length),
        );
        taken += 1;
      });
      expect(refusal?.errno ?? 'EINVAL').toBe('EINVAL');
    }
    expect(taken).toBeGreaterThan(starts.length);
  });

  it('returns a value or refuses with any bit flipped', () => {
    const outcomes = new Set<string>();
    for (const archive of flipEachBit(one, textOffset(one, 'TRAILER'))) {
      outcomes.add(catchRefusal(() => parseCpio(archive))?.check ?? 'value');
    }
    expect([...outcomes].sort()).toEqual(['cpio-entry', 'cpio-header', 'value']);
  });
});

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function textAt(bytes: Uint8Array, offset: number, text: string): boolean {
  return ascii(text).every((byte, index) => bytes[offset + index] === byte);
}

/** Where a text occurs for the nth time. */
function textOffset(bytes: Uint8Array, text: string, nth = 1): number {
  let offset = -1;
  for (let count = 0; count < nth; count += 1) offset = Buffer.from(bytes).indexOf(text, offset + 1);
  if (offset < 0) throw new Error(`no ${text}`);
  return offset;
}

/** A copy in which a text is replaced where it first occurs. */
function changed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy.set(ascii(to), textOffset(copy, from));
  return copy;
}

/** A copy whose first header has another number: the nth of its 13. */
function withField(bytes: Uint8Array, index: number, digits: string): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy.set(ascii(digits), 6 + index * 8);
  return copy;
}
