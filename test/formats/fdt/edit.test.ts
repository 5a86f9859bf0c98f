import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addNode,
  addReservation,
  appendProperty,
  deleteNode,
  deleteProperty,
  deleteReservation,
  ensureNode,
  findNode,
  getProperty,
  setProperty,
} from '../../../src/formats/fdt/edit.js';
import { createFdt, type Fdt, type FdtNode } from '../../../src/formats/fdt/tree.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { allNodes, fdtArbitrary, meaning, propertyArbitrary } from './arbitrary.js';

const VALUE = new Uint8Array([1, 2, 3, 4]);

/** A tree, and a number that picks one of its nodes. */
const anyNode = fc.tuple(fdtArbitrary, fc.nat()).map(([fdt, pick]) => {
  const nodes = allNodes(fdt);
  return { fdt, node: nodes[pick % nodes.length] ?? fdt.root };
});

function names(items: readonly { name: string }[]): string[] {
  return items.map(({ name }) => name);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Bytes of the structure block that a length takes. */
function words(length: number): number {
  return 4 * Math.ceil(length / 4);
}

describe('findNode', () => {
  const fdt = createFdt();
  const soc = ensureNode(fdt, '/soc');
  const second = addNode(soc, 'serial@2000');
  const first = addNode(soc, 'serial@1000');

  it('follows a path from the root or from a node', () => {
    expect(findNode(fdt, '/soc/serial@2000')).toBe(second);
    expect(findNode(soc, 'serial@2000')).toBe(second);
    expect(findNode(fdt.root, '//soc//serial@2000/')).toBe(second);
    expect(findNode(fdt, '/')).toBe(fdt.root);
  });

  it('finds the first node with any unit address if the path has none', () => {
    expect(findNode(fdt, '/soc/serial')).toBe(first);
  });

  it.each(['/so', '/soc@0', '/soc/serial@', '/soc/serial@200', '/soc/serial@2000/x', '/soc/seria'])(
    'finds nothing at %s',
    (path) => {
      expect(findNode(fdt, path)).toBeUndefined();
    },
  );
});

describe('setProperty', () => {
  it('makes a new property the first and keeps the place of an existing one', () => {
    const fdt = createFdt();
    setProperty(fdt, fdt.root, 'a', new Uint8Array(0));
    setProperty(fdt, fdt.root, 'b', new Uint8Array(0));
    setProperty(fdt, fdt.root, 'a', VALUE);
    expect(names(fdt.root.properties)).toEqual(['b', 'a']);
    expect(getProperty(fdt.root, 'a')).toBe(VALUE);
  });

  it('keeps names in the strings block in the order of their addition, used or not', () => {
    const fdt = createFdt();
    for (const name of ['status', 'reg', 'us', 'reg', 'atus']) {
      setProperty(fdt, fdt.root, name, VALUE);
      deleteProperty(fdt.root, name);
    }
    expect(text(fdt.strings)).toBe('status\0reg\0');
    setProperty(fdt, fdt.root, 'atus', VALUE);
    expect(fdt.root.properties[0]?.nameOffset).toBe(2);
  });

  it('refuses invalid names', () => {
    const fdt = createFdt();
    for (const name of ['', 'a\0', '\u20ac', 'a'.repeat(256)]) {
      expect(() => setProperty(fdt, fdt.root, name, VALUE)).toThrow(
        expect.objectContaining({ check: 'dtb-strings', errno: 'EINVAL' }),
      );
    }
    expect(fdt).toEqual(createFdt());
  });

  it('changes nothing else, and deleteProperty() takes it back', () => {
    fc.assert(
      fc.property(anyNode, propertyArbitrary, ({ fdt, node }, { name, value }) => {
        fc.pre(getProperty(node, name) === undefined);
        const before = meaning(fdt);
        setProperty(fdt, node, name, value);
        expect(getProperty(node, name)).toBe(value);
        expect(deleteProperty(node, name)).toBe(true);
        expect(meaning(fdt)).toEqual(before);
      }),
    );
  });
});

describe('appendProperty', () => {
  it('appends to a value, or begins one', () => {
    const fdt = createFdt();
    appendProperty(fdt, fdt.root, 'reg', new Uint8Array([1]));
    setProperty(fdt, fdt.root, 'nu', VALUE);
    appendProperty(fdt, fdt.root, 'reg', new Uint8Array([2, 3]));
    expect(getProperty(fdt.root, 'reg')).toEqual(new Uint8Array([1, 2, 3]));
    expect(names(fdt.root.properties)).toEqual(['nu', 'reg']);
  });
});

describe('deleteProperty', () => {
  it('deletes the first property of a name, and returns whether there was one', () => {
    const node: FdtNode = { name: 'n', properties: [], children: [] };
    node.properties.push({ name: 'a', value: VALUE }, { name: 'a', value: new Uint8Array(0) });
    expect(deleteProperty(node, 'a')).toBe(true);
    expect(getProperty(node, 'a')).toEqual(new Uint8Array(0));
    expect(deleteProperty(node, 'a')).toBe(true);
    expect(deleteProperty(node, 'a')).toBe(false);
  });

  it('removes only the property from the blob, no FDT_NOP and no name', () => {
    fc.assert(
      fc.property(anyNode, fc.nat(), ({ fdt, node }, pick) => {
        fc.pre(node.properties.length > 0);
        const name = node.properties[pick % node.properties.length]?.name ?? '';
        const length = getProperty(node, name)?.length ?? 0;
        const others = names(node.properties);
        others.splice(others.indexOf(name), 1);
        const before = withAllNames(fdt);
        expect(deleteProperty(node, name)).toBe(true);
        expect(names(node.properties)).toEqual(others);
        expect(writeFdt(fdt).length).toBe(before - 12 - words(length));
      }),
    );
  });
});

describe('addNode', () => {
  it('puts a node before its siblings', () => {
    const fdt = createFdt();
    addNode(fdt.root, 'b');
    addNode(fdt.root, 'a@1');
    expect(names(fdt.root.children)).toEqual(['a@1', 'b']);
  });

  it.each(['', 'a/b', 'a\0', 'memory@0', 'memory', 'a'.repeat(256)])('refuses %j', (name) => {
    const fdt = createFdt();
    addNode(fdt.root, 'memory@0');
    expect(() => addNode(fdt.root, name)).toThrow(
      expect.objectContaining({ check: 'dtb-structure', errno: 'EINVAL' }),
    );
  });

  it('adds just the node to the blob, after the FDT_NOP words, and deleteNode() takes it back', () => {
    fc.assert(
      fc.property(anyNode, ({ fdt, node }) => {
        const before = meaning(fdt);
        const size = writeFdt(fdt).length;
        const nops = node.children[0] === undefined ? node.nopsAtEnd : node.children[0].nopsBefore;
        const added = addNode(node, 'new@1');
        expect(added.nopsBefore).toBe(nops);
        expect(writeFdt(fdt).length).toBe(size + 8 + words('new@1'.length + 1));
        expect(deleteNode(node, 'new')).toBe(true);
        expect(meaning(fdt)).toEqual(before);
      }),
    );
  });
});

describe('ensureNode', () => {
  it('adds the missing nodes of a path, and finds the others', () => {
    const fdt = createFdt();
    const uart = ensureNode(fdt, '/soc@0/uart');
    expect(findNode(fdt, '/soc@0/uart')).toBe(uart);
    expect(ensureNode(fdt, '/soc/uart')).toBe(uart);
    expect(ensureNode(fdt, '/')).toBe(fdt.root);
    expect(allNodes(fdt)).toHaveLength(3);
  });
});

describe('deleteNode', () => {
  it('deletes the first match and everything below it, and returns whether there was one', () => {
    const fdt = createFdt();
    ensureNode(fdt, '/soc/uart@1/x');
    ensureNode(fdt, '/soc/uart@2');
    const soc = ensureNode(fdt, '/soc');
    expect(deleteNode(soc, 'uart')).toBe(true);
    expect(names(soc.children)).toEqual(['uart@1']);
    expect(deleteNode(soc, 'uart@2')).toBe(false);
  });

  it('moves the FDT_NOP words before it to the next item or to its parent', () => {
    const node: FdtNode = { name: 'n', properties: [], children: [] };
    node.children.push({ name: 'a', properties: [], children: [], nopsBefore: 1, nopsAtEnd: 8 });
    node.children.push({ name: 'b', properties: [], children: [], nopsBefore: 2 });
    deleteNode(node, 'a');
    expect(node.children).toEqual([{ name: 'b', properties: [], children: [], nopsBefore: 3 }]);
    deleteNode(node, 'b');
    expect(node).toEqual({ name: 'n', properties: [], children: [], nopsAtEnd: 3 });
  });
});

describe('reservations', () => {
  it('are added last, and deleted by address and size', () => {
    const fdt = createFdt();
    addReservation(fdt, 0x2000n, 0x1000n);
    addReservation(fdt, 0x1000n, 0x1000n);
    addReservation(fdt, 0x2000n, 0x1000n);
    expect(deleteReservation(fdt, 0x2000n, 0x2000n)).toBe(false);
    expect(deleteReservation(fdt, 0x3000n, 0x1000n)).toBe(false);
    expect(deleteReservation(fdt, 0x2000n, 0x1000n)).toBe(true);
    expect(fdt.reservations.map(({ address }) => address)).toEqual([0x1000n, 0x2000n]);
  });

  it.each([
    [0n, 0n],
    [-1n, 1n],
    [1n << 64n, 1n],
    [0n, 1n << 64n],
  ])('cannot be at %s with size %s', (address, size) => {
    expect(() => addReservation(createFdt(), address, size)).toThrow(
      expect.objectContaining({ check: 'dtb-reservations', errno: 'EINVAL' }),
    );
  });
});

/** The size of the blob, once the strings block has every name, so that later sizes can be compared. */
function withAllNames(fdt: Fdt): number {
  for (const node of allNodes(fdt)) {
    for (const { name } of node.properties) {
      const scratch: FdtNode = { name: 'scratch', properties: [], children: [] };
      setProperty(fdt, scratch, name, VALUE);
    }
  }
  return writeFdt(fdt).length;
}
