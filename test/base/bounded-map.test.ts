import { expect, it } from 'vitest';
import { BoundedMap } from '../../src/base/bounded-map.js';

it('a full map drops the entry that was added first', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c'), map.get('d')]).toEqual([undefined, 2, 3, undefined]);
});
