import { describe, expect, it } from 'vitest';
import { encodeLatin1 } from '../../src/base/bytes.js';
import { setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { describeTrees, findAppendedTrees } from '../../src/kernel-file/appended-trees.js';

function buildTree(compatible: string): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, 'compatible', encodeLatin1(`${compatible}\0`));
  return writeFdt(fdt);
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe('findAppendedTrees', () => {
  it.each([
    ['bytes as a tree begins with', new Uint8Array(1000).fill(0xd0)],
    ['halves of its magic', encodeLatin1('\xd0\x0d\xd0\x0d\xfe'.repeat(200))],
    ['magics', encodeLatin1('\xd0\x0d\xfe\xed'.repeat(5000))],
    ['nothing', new Uint8Array(0)],
  ])('finds trees behind %s', (_, start) => {
    const trees = findAppendedTrees(concat(start, buildTree('one'), buildTree('two'), new Uint8Array(9)), 0);
    expect(describeTrees(trees)).toBe('2 device trees, the first for one');
  });

  it('finds none in what only begins as a tree', () => {
    expect(findAppendedTrees(encodeLatin1('\xd0\x0d\xfe\xed'.repeat(5000)), 0)).toEqual([]);
    expect(findAppendedTrees(new Uint8Array(3).fill(0xd0), 0)).toEqual([]);
  });

  it('ignores a tree before the start', () => {
    expect(findAppendedTrees(buildTree('one'), 1)).toEqual([]);
  });
});
