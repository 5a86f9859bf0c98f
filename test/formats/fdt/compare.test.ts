import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTrees, type TreeChanges } from '../../../src/formats/fdt/compare.js';
import {
  addNode,
  addReservation,
  deleteProperty,
  ensureNode,
  setProperty,
} from '../../../src/formats/fdt/edit.js';
import { createFdt, createNode, type Fdt } from '../../../src/formats/fdt/tree.js';

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** A tree with some properties in /chosen. */
function buildTree(change: (fdt: Fdt) => void = () => {}): Fdt {
  const fdt = createFdt();
  const chosen = addNode(fdt.root, 'chosen');
  setProperty(fdt, chosen, 'bootargs', bytes(1));
  setProperty(fdt, chosen, 'stale', bytes(2));
  change(fdt);
  return fdt;
}

describe('compareTrees', () => {
  it('finds what was added, changed and removed, wherever it stands', () => {
    const after = buildTree((fdt) => {
      const chosen = ensureNode(fdt, '/chosen');
      deleteProperty(chosen, 'stale');
      setProperty(fdt, chosen, 'bootargs', bytes(3));
      setProperty(fdt, chosen, 'kaslr-seed', bytes());
      setProperty(fdt, ensureNode(fdt, '/reserved-memory/tee@1'), 'reg', bytes(4));
      addReservation(fdt, 16n, 8n);
    });
    const before = buildTree((fdt) => addReservation(fdt, 32n, 8n));
    expect(compareTrees(before, after)).toEqual({
      reservations: [
        { kind: 'removed', reservation: { address: 32n, size: 8n } },
        { kind: 'added', reservation: { address: 16n, size: 8n } },
      ],
      properties: expect.arrayContaining([
        { kind: 'changed', node: '/chosen', property: 'bootargs', before: bytes(1), after: bytes(3) },
        { kind: 'added', node: '/chosen', property: 'kaslr-seed', after: bytes() },
        { kind: 'removed', node: '/chosen', property: 'stale', before: bytes(2) },
        { kind: 'added', node: '/reserved-memory' },
        { kind: 'added', node: '/reserved-memory/tee@1', property: 'reg', after: bytes(4) },
      ]),
    });
    expect(compareTrees(before, after).properties).toHaveLength(5);
  });

  it('compares properties and reservations of equal names by their number', () => {
    const twice = buildTree(({ root, reservations }) => {
      root.properties.push({ name: 'a', value: bytes(1) }, { name: 'a', value: bytes(2) });
      reservations.push({ address: 1n, size: 1n }, { address: 1n, size: 1n });
    });
    const once = buildTree(({ root, reservations }) => {
      root.properties.push({ name: 'a', value: bytes(1) });
      reservations.push({ address: 1n, size: 1n });
    });
    expect(compareTrees(twice, once)).toEqual({
      reservations: [{ kind: 'removed', reservation: { address: 1n, size: 1n } }],
      properties: [{ kind: 'removed', node: '/', property: 'a', before: bytes(2) }],
    });
  });

  it('ignores the order of nodes and properties', () => {
    const turned = buildTree(({ root }) => {
      for (const node of root.children) node.properties.reverse();
      root.children.reverse();
    });
    expect(compareTrees(buildTree(), turned)).toEqual({ reservations: [], properties: [] });
  });

  it('finds in the other direction the same, turned around', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const anyTree = fc
      .array(fc.tuple(fc.array(name, { maxLength: 3 }), name, fc.nat(2)), { maxLength: 8 })
      .map((entries) => {
        const fdt = createFdt();
        for (const [path, property, value] of entries)
          setProperty(fdt, ensureNode(fdt, `/${path.join('/')}`), property, bytes(value));
        return fdt;
      });
    const turn = ({ properties }: TreeChanges) =>
      properties.map(({ kind, node, property, before, after }) => ({
        kind: kind === 'added' ? 'removed' : kind === 'removed' ? 'added' : kind,
        node,
        property,
        before: after,
        after: before,
      }));
    const key = (change: object): string => JSON.stringify(change, Object.keys(change).toSorted());
    fc.assert(
      fc.property(anyTree, anyTree, (before, after) => {
        const there = compareTrees(before, after).properties.map((change) =>
          key({ before: undefined, after: undefined, property: undefined, ...change }),
        );
        const back = turn(compareTrees(after, before)).map(key);
        expect(there.toSorted()).toEqual(back.toSorted());
        expect(compareTrees(before, before).properties).toEqual([]);
      }),
    );
  });

  it('compares large trees in one pass', () => {
    const wide = (value: number): Fdt =>
      buildTree(({ root }) => {
        for (let index = 0; index < 50_000; index += 1) {
          const node = createNode(`node@${index}`);
          node.properties.push({ name: 'reg', value: bytes(value) });
          root.children.push(node);
        }
      });
    expect(compareTrees(wide(1), wide(2)).properties).toHaveLength(50_000);
  });
});
