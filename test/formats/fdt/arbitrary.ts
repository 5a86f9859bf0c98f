import fc from 'fast-check';
import { createFdt, type Fdt, type FdtNode, type FdtProperty } from '../../../src/formats/fdt/tree.js';

const U64_MAX = (1n << 64n) - 1n;
const nops = fc.integer({ min: 1, max: 3 });
const propertyName = fc.string({
  unit: fc.constantFrom(...'abcdefnu#,-.\xe4'.split('')),
  minLength: 1,
  maxLength: 12,
});
const nodeName = fc.string({ unit: fc.constantFrom(...'abcd@01,-'.split('')), minLength: 1, maxLength: 12 });

export const propertyArbitrary: fc.Arbitrary<FdtProperty> = fc.record(
  { name: propertyName, value: fc.uint8Array({ maxLength: 20 }), nopsBefore: nops },
  { requiredKeys: ['name', 'value'] },
);

/** A new array each time, since tests add to it. */
const none = fc.constant(null).map((): FdtNode[] => []);

/** Nodes up to five levels deep. */
const nodeArbitrary = fc.memo(
  (levels): fc.Arbitrary<FdtNode> =>
    fc.record(
      {
        name: nodeName,
        properties: fc.array(propertyArbitrary, { maxLength: 4 }),
        children: levels <= 1 ? none : fc.array(nodeArbitrary(), { maxLength: 3 }),
        nopsBefore: nops,
        nopsAtEnd: nops,
      },
      { requiredKeys: ['name', 'properties', 'children'] },
    ),
);

/** Any device tree that can be written. */
export const fdtArbitrary: fc.Arbitrary<Fdt> = fc
  .record({
    bootCpu: fc.nat(0xffff_ffff),
    reservations: fc.array(
      fc.record({
        address: fc.bigInt({ min: 0n, max: U64_MAX }),
        size: fc.bigInt({ min: 1n, max: U64_MAX }),
      }),
      { maxLength: 3 },
    ),
    root: nodeArbitrary(5),
    strings: fc.constantFrom(new Uint8Array(0), new TextEncoder().encode('abc\0nu\0d')),
  })
  .map((parts) => {
    const { nopsBefore: _, ...root } = parts.root;
    return { ...createFdt(), ...parts, root: { ...root, name: '' } };
  });

/** What a tree says: all of it but where the strings block has the names. */
export function meaning(fdt: Fdt): unknown {
  const { strings: _, structureEnd, root, ...rest } = fdt;
  return { ...rest, structureEnd: hex(structureEnd), root: nodeMeaning(root) };
}

/** The same of a node. */
export function nodeMeaning({ properties, children, ...rest }: FdtNode): unknown {
  return {
    ...rest,
    properties: properties.map(({ nameOffset: _, value, ...property }) => ({
      ...property,
      value: hex(value),
    })),
    children: children.map(nodeMeaning),
  };
}

/** All nodes of a tree, the root first. */
export function allNodes(fdt: Fdt): FdtNode[] {
  const nodes = [fdt.root];
  for (const node of nodes) nodes.push(...node.children);
  return nodes;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
