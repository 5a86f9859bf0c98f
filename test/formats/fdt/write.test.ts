import { describe, expect, it } from 'vitest';
import { parseFdtHeader } from '../../../src/formats/fdt/header.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { createFdt, type Fdt, type FdtNode } from '../../../src/formats/fdt/tree.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { BEGIN, blob, END, END_NODE, FIELD, PROP, withField } from './blob.js';

/** Memory that is never touched, and so never taken. */
const GIBIBYTE = new Uint8Array(2 ** 30);

function rootWith(properties: FdtNode['properties'], children: FdtNode[] = []): Fdt {
  return { ...createFdt(), root: { name: '', properties, children } };
}

function property(name: string, value = new Uint8Array(0)): FdtNode['properties'][number] {
  return { name, value };
}

describe('writeFdt', () => {
  it('packs header, reservations, structure and strings, in this order', () => {
    const fdt = rootWith([property('reg', new Uint8Array([1, 2, 3, 4, 5]))]);
    fdt.bootCpu = 0x100;
    fdt.reservations.push({ address: 1n, size: 2n });
    expect(writeFdt(fdt)).toEqual(
      blob({
        structure: [BEGIN, '', PROP, 5, 0, 0x01020304, 0x05000000, END_NODE, END],
        strings: 'reg\0',
        reservations: [1n, 2n, 0n, 0n],
        header: { [FIELD.bootCpu]: 0x100 },
      }),
    );
  });

  it('converts version 16 to 17, and drops bytes between and after the blocks', () => {
    const packed = blob({ structure: [BEGIN, '', PROP, 0, 0, END_NODE, END], strings: 'reg\0' });
    const header = parseFdtHeader(packed);
    const loose = new Uint8Array(packed.length + 64).fill(0xee);
    loose.set(packed.subarray(0, 56));
    loose.set(packed.subarray(56), 56 + 32);
    const moved = [
      [FIELD.totalSize, loose.length],
      [FIELD.structureOffset, header.structureOffset + 32],
      [FIELD.stringsOffset, header.stringsOffset + 32],
      [FIELD.version, 16],
    ] as const;
    const bytes = moved.reduce<Uint8Array>(
      (moving, [field, value]) => withField(moving, field, value),
      loose,
    );
    expect(writeFdt(parseFdt(bytes))).toEqual(packed);
  });

  it('finds the first occurrence of a name, also at the end of another', () => {
    const fdt = { ...rootWith([property('nu'), property('menu')]), strings: text('menu\0nu\0') };
    const again = parseFdt(writeFdt(fdt));
    expect(again.root.properties.map(({ nameOffset }) => nameOffset)).toEqual([2, 0]);
    expect(again.strings).toEqual(fdt.strings);
  });

  it('appends missing names, and does not modify the tree', () => {
    const fdt = {
      ...rootWith([property('status'), property('reg'), property('status')]),
      strings: text('reg'),
    };
    expect(parseFdt(writeFdt(fdt)).strings).toEqual(text('regstatus\0reg\0'));
    expect(fdt.strings).toEqual(text('reg'));
  });

  it('searches a name whose offset is wrong', () => {
    const fdt = { ...rootWith([{ ...property('reg'), nameOffset: 1 }]), strings: text('nu\0reg\0') };
    expect(parseFdt(writeFdt(fdt)).root.properties[0]).toMatchObject({ name: 'reg', nameOffset: 3 });
  });

  it('writes 63 levels of nodes and refuses 64, or a node within itself', () => {
    const deep = (levels: number): Fdt => {
      const fdt = createFdt();
      for (let node = fdt.root; --levels > 0; ) {
        const child = { name: 'n', properties: [], children: [] };
        node.children.push(child);
        node = child;
      }
      return fdt;
    };
    expect(parseFdt(writeFdt(deep(63)))).toEqual(deep(63));
    expect(() => writeFdt(deep(64))).toThrow(expect.objectContaining({ check: 'dtb-structure' }));

    const circle: FdtNode = { name: 'n', properties: [], children: [] };
    circle.children.push(circle);
    expect(() => writeFdt(rootWith([], [circle]))).toThrow(
      expect.objectContaining({ check: 'dtb-structure' }),
    );
  });

  it.each([
    [
      'a name for the root',
      'dtb-structure',
      { ...createFdt(), root: { name: 'a', properties: [], children: [] } },
    ],
    ['a node without a name', 'dtb-structure', rootWith([], [{ name: '', properties: [], children: [] }])],
    [
      'a slash in a node name',
      'dtb-structure',
      rootWith([], [{ name: 'a/b', properties: [], children: [] }]),
    ],
    ['a property without a name', 'dtb-strings', rootWith([property('')])],
    ['a NUL in a name', 'dtb-strings', rootWith([property('a\0b')])],
    ['a character that is no byte', 'dtb-strings', rootWith([property('\u0100')])],
    ['a name of 256 bytes', 'dtb-strings', rootWith([property('a'.repeat(256))])],
    [
      'a reservation of size 0',
      'dtb-reservations',
      { ...createFdt(), reservations: [{ address: 1n, size: 0n }] },
    ],
    [
      'an address beyond 64 bits',
      'dtb-reservations',
      { ...createFdt(), reservations: [{ address: 1n << 64n, size: 1n }] },
    ],
    ['2 GiB', 'dtb-header', rootWith([property('a', GIBIBYTE), property('b', GIBIBYTE)])],
  ])('refuses %s', (_, check, fdt) => {
    expect(() => writeFdt(fdt)).toThrow(expect.objectContaining({ check, errno: 'EINVAL' }));
  });
});

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}
