import { describe, expect, it } from 'vitest';
import { matchMachines } from '../../../src/preflight/compare/match-machines.js';
import { buildRow, LOADS } from '../samples.js';

/** Earlier files of the machines, `undefined` for the new ones, and the files of those that are gone. */
function match(files: readonly string[], earlier: readonly string[]) {
  const rows = earlier.map((file) => ({ ...buildRow('same', LOADS), file }));
  const { before, gone } = matchMachines(files, rows);
  return [before.map((row) => row?.file), gone.map(({ file }) => file)];
}

describe('matchMachines', () => {
  it('finds machines by path, however it is written', () => {
    expect(match(['f/a.json', './f//b.json', 'qemu-virt'], ['f/b.json', 'f/a.json', 'qemu-virt'])).toEqual([
      ['f/a.json', 'f/b.json', 'qemu-virt'],
      [],
    ]);
  });

  it('finds machines of a fleet that moved to another folder, or became tars', () => {
    const earlier = ['old/r1/a.json', 'old/r2/a.json', 'old/b.json'];
    expect(match(['/new/r1/a.json', '/new/r2/a.json', '/new/b.tar'], earlier)).toEqual([earlier, []]);
  });

  it('lists what is new and what is gone', () => {
    expect(match(['f/a.json', 'f/new.json'], ['f/a.json', 'f/old.json'])).toEqual([
      ['f/a.json', undefined],
      ['f/old.json'],
    ]);
    expect(match(['a', 'a'], ['a', 'a'])).toEqual([['a', 'a'], []]);
    expect(match([], ['a'])).toEqual([[], ['a']]);
  });
});
