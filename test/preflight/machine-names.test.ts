import { describe, expect, it } from 'vitest';
import { nameMachines } from '../../src/preflight/machine-names.js';

describe('nameMachines', () => {
  it.each([
    ['files of one folder', ['fleet/a.json', 'fleet/b.tar.gz', 'fleet/c'], ['a', 'b', 'c']],
    ['equal names in two folders', ['r1/s.json', 'r2/s.json', 'r2/t.json'], ['r1/s', 'r2/s', 't']],
    ['files that differ by the suffix', ['r1/s.json', 'r1/s.tar'], ['s.json', 's.tar']],
    ['both', ['r1/s.json', 'r1/s.tar', 'r2/s.json'], ['r1/s', 's.tar', 'r2/s']],
    [
      'a name that is the longer one of another',
      ['s.json.tar', 's.json', 's'],
      ['s.json.tar', 's.json', 's'],
    ],
    ['one file twice', ['a/s.json', 'a/s.json'], ['s', 's']],
    ['a preset and a file of its name', ['qemu-virt', 'qemu-virt.json'], ['qemu-virt', 'qemu-virt.json']],
    ['a path that ends another', ['/x/s.json', 'x/s.json'], ['/x/s.json', 'x/s.json']],
    ['paths without a name', ['/', '.', '.json', ''], ['/', '.', '.json', '']],
  ])('tells apart %s', (_, files, names) => {
    expect(nameMachines(files)).toEqual(names);
  });

  it('names files by their whole paths if many last parts agree, in a time that does not grow with their number', () => {
    const files = ['x', 'y', 'y'].map((start) => start + '/a'.repeat(1 << 18));
    expect(nameMachines(files)).toEqual(files);
  });
});
