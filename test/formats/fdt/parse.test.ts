import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { getProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import type { Fdt } from '../../../src/formats/fdt/tree.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { fdtArbitrary, meaning } from './arbitrary.js';
import { BEGIN, blob, END, END_NODE, FIELD, NOP, PROP, type Word, withField } from './blob.js';

/** A root with two properties, a child with one, a reservation, and FDT_NOP words in every place. */
const SMALL = blob({
  structure: [
    ...[BEGIN, '', NOP],
    ...[PROP, 4, 0, 2],
    ...[NOP, NOP, PROP, 5, 7, 'virt'],
    ...[NOP, BEGIN, 'cpu@0', PROP, 0, 3, NOP, END_NODE],
    ...[NOP, NOP, NOP, END_NODE],
    ...[NOP, END, 0x12345678],
  ],
  strings: 'nu\0reg\0name\0',
  reservations: [0x8000_0000n, 0x1000n, 0n, 0n],
});

/** A chain of nodes that do not end. */
function chain(length: number): Word[] {
  return Array.from({ length }, () => [BEGIN, 'n']).flat();
}

/** A root that holds these words, with one property name to use. */
function rootOf(...words: Word[]): Uint8Array {
  return blob({ structure: [BEGIN, '', ...words], strings: 'reg\0' });
}

/** Parses what may be hostile. Whatever is no refusal has to be a tree that can be written and read again. */
function survives(bytes: Uint8Array): Fdt | KexecError {
  let fdt: Fdt;
  try {
    fdt = parseFdt(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(KexecError);
    expect(error).toMatchObject({ errno: 'EINVAL', check: expect.stringMatching(/^dtb-/) });
    return error as KexecError;
  }
  expect(meaning(parseFdt(writeFdt(fdt)))).toEqual(meaning(fdt));
  return fdt;
}

describe('parseFdt', () => {
  it('reads nodes, properties, reservations, and the facts that writing back needs', () => {
    expect(parseFdt(SMALL)).toEqual({
      lastCompatibleVersion: 16,
      bootCpu: 0,
      reservations: [{ address: 0x8000_0000n, size: 0x1000n }],
      root: {
        name: '',
        properties: [
          { name: 'nu', value: new Uint8Array([0, 0, 0, 2]), nameOffset: 0, nopsBefore: 1 },
          { name: 'name', value: new TextEncoder().encode('virt\0'), nameOffset: 7, nopsBefore: 2 },
        ],
        children: [
          {
            name: 'cpu@0',
            properties: [{ name: 'reg', value: new Uint8Array(0), nameOffset: 3 }],
            children: [],
            nopsBefore: 1,
            nopsAtEnd: 1,
          },
        ],
        nopsAtEnd: 3,
      },
      strings: new TextEncoder().encode('nu\0reg\0name\0'),
      structureEnd: new Uint8Array([0, 0, 0, 4, 0, 0, 0, 9, 0x12, 0x34, 0x56, 0x78]),
    });
    expect(writeFdt(parseFdt(SMALL))).toEqual(SMALL);
  });

  it('shares memory with the bytes', () => {
    const { root, strings } = parseFdt(SMALL);
    expect(getProperty(root, 'name')?.buffer).toBe(SMALL.buffer);
    expect(strings.buffer).toBe(SMALL.buffer);
  });

  it('lets the structure block of version 16 end with FDT_END', () => {
    const { structureEnd } = parseFdt(withField(SMALL, FIELD.version, 16));
    expect(structureEnd).toEqual(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 9]));
  });

  it('ends the reservations at size 0, as libfdt does, whatever the address', () => {
    const reservations = [1n, 2n, 3n, 0n, 5n, 6n, 0n, 0n];
    const bytes = blob({ structure: [BEGIN, '', END_NODE, END], reservations });
    expect(parseFdt(bytes).reservations).toEqual([{ address: 1n, size: 2n }]);
  });

  it('keeps properties and nodes of the same name', () => {
    const twice = [PROP, 0, 0, PROP, 0, 0, BEGIN, 'a', END_NODE, BEGIN, 'a', END_NODE];
    const { root } = parseFdt(rootOf(...twice, END_NODE, END));
    expect(root.properties.map(({ name }) => name)).toEqual(['reg', 'reg']);
    expect(root.children.map(({ name }) => name)).toEqual(['a', 'a']);
  });

  it('accepts 63 levels of nodes, as the kernel does', () => {
    const ends = Array.from({ length: 63 }, () => END_NODE);
    let { root: node } = parseFdt(rootOf(...chain(62), ...ends, END));
    let levels = 1;
    for (; node.children[0] !== undefined; levels++) node = node.children[0];
    expect(levels).toBe(63);
  });

  it.each([
    ['an empty structure block', blob({ structure: [] })],
    ['a structure block without a root', blob({ structure: [END] })],
    ['FDT_NOP before the root', blob({ structure: [NOP, BEGIN, '', END_NODE, END] })],
    ['a root with a name', blob({ structure: [BEGIN, 'root', END_NODE, END] })],
    ['two roots', rootOf(END_NODE, BEGIN, '', END_NODE, END)],
    ['an end of nothing', rootOf(END_NODE, END_NODE, END)],
    ['a property outside of nodes', rootOf(END_NODE, PROP, 0, 0, END)],
    ['no FDT_END', rootOf(END_NODE)],
    ['only FDT_NOP words for an end', rootOf(END_NODE, NOP, NOP)],
    ['FDT_END within a node', rootOf(END)],
    ['a node that does not end', rootOf(BEGIN, 'a', END_NODE, END)],
    ['an unknown token', rootOf(5, END_NODE, END)],
    ['a node without a name', rootOf(BEGIN, '', END_NODE, END_NODE, END)],
    ['a slash in a node name', rootOf(BEGIN, 'a/b', END_NODE, END_NODE, END)],
    ['a node name of 256 bytes', rootOf(BEGIN, 'a'.repeat(256), END_NODE, END_NODE, END)],
    ['a node name without NUL', rootOf(BEGIN, 0x61616161)],
    ['a property after a subnode', rootOf(BEGIN, 'a', END_NODE, PROP, 0, 0, END_NODE, END)],
    ['a value that leaves the block', rootOf(PROP, 13, 0, 0, END_NODE, END)],
    ['a value of 4 GiB', rootOf(PROP, 0xffff_ffff, 0, END_NODE, END)],
    ['a property without its length', rootOf(PROP)],
    ['64 levels of nodes', rootOf(...chain(63))],
    ['nodes without end', blob({ structure: [BEGIN, '', ...chain(100_000)] })],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseFdt(bytes)).toThrow(
      expect.objectContaining({ check: 'dtb-structure', errno: 'EINVAL' }),
    );
  });

  it.each([
    ['after the strings block', 'reg\0', 4],
    ['4 GiB away', 'reg\0', 0xffff_ffff],
    ['without NUL', 'reg', 0],
    ['that is empty', 'reg\0', 3],
    ['of 256 bytes', `${'a'.repeat(256)}\0`, 0],
  ])('refuses a property name %s', (_, strings, nameOffset) => {
    const bytes = blob({ structure: [BEGIN, '', PROP, 0, nameOffset, END_NODE, END], strings });
    expect(() => parseFdt(bytes)).toThrow(expect.objectContaining({ check: 'dtb-strings', errno: 'EINVAL' }));
  });

  it('refuses reservations without an end', () => {
    const bytes = blob({ structure: [BEGIN, '', END_NODE, END] });
    const endless = new Uint8Array(1 << 20).fill(1);
    endless.set(withField(withField(bytes, FIELD.totalSize, endless.length), FIELD.reservationsOffset, 80));
    expect(() => parseFdt(endless)).toThrow(
      expect.objectContaining({ check: 'dtb-reservations', errno: 'EINVAL' }),
    );
  });

  it('names the offset in the file', () => {
    expect(() => parseFdt(rootOf(5, END_NODE, END))).toThrow(/token 0x5 within a node \(at offset 0x40\)/);
  });

  it('survives a cut at any offset', () => {
    for (let length = 0; length < SMALL.length; length++) {
      const cut = SMALL.slice(0, length);
      expect(survives(cut)).toBeInstanceOf(KexecError);
      if (length >= 8) survives(withField(cut, FIELD.totalSize, length));
    }
  });

  it('survives every bit flipped', () => {
    for (const [i, byte] of SMALL.entries()) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = SMALL.slice();
        bytes[i] = byte ^ (1 << bit);
        survives(bytes);
      }
    }
  });

  it('survives words with large offsets and counts', () => {
    const wild = fc.constantFrom(0, 1, 2, 3, 4, 9, 0x10, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff);
    const place = fc.nat(SMALL.length / 4 - 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(place, wild), { minLength: 1, maxLength: 4 }), (changes) => {
        survives(changes.reduce((bytes, [at, value]) => withField(bytes, at, value), SMALL));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives words in any order', () => {
    const token = fc.constantFrom<Word>(BEGIN, END_NODE, PROP, NOP, END, 0, 'a');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (words) => {
        survives(rootOf(...words));
        survives(blob({ structure: words, strings: 'reg\0' }));
      }),
      { numRuns: 2000 },
    );
  });

  it('builds no gigabytes of names from a strings block of 40000 bytes', () => {
    const offsets = Array.from({ length: 40_000 }, (_, i) => i).filter((i) => i % 200 !== 199);
    const structure = [BEGIN, '', ...offsets.flatMap((offset) => [PROP, 0, offset]), END_NODE, END];
    const short = blob({ structure, strings: `${'a'.repeat(199)}\0`.repeat(200) });
    expect(survives(short)).not.toBeInstanceOf(KexecError);
    const long = blob({ structure, strings: `${'a'.repeat(39_999)}\0` });
    expect(survives(long)).toBeInstanceOf(KexecError);
  });

  it('reads what is written', () => {
    fc.assert(
      fc.property(fdtArbitrary, (fdt) => {
        const bytes = writeFdt(fdt);
        const again = parseFdt(bytes);
        expect(meaning(again)).toEqual(meaning(fdt));
        expect(writeFdt(again)).toEqual(bytes);
      }),
    );
  });
});
