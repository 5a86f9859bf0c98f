import { describe, expect, it } from 'vitest';
import { TemplateCache } from '../../../src/machine/fleet/template-cache.js';

describe('a cache of templates', () => {
  it('has the last ones', () => {
    const cache = new TemplateCache<number>(1);
    for (let index = 0; index < 1000; index += 1) {
      cache.set(`${index}`, index);
      expect(cache.get(`${index}`)).toBe(index);
    }
  });

  it('keeps some of more texts than it has places for, which come in turn', () => {
    const cache = new TemplateCache<number>(500);
    let found = 0;
    for (let index = 0; index < 10_000; index += 1) {
      const text = `${index % 1000}`;
      if (cache.get(text) === undefined) cache.set(text, index);
      else found += 1;
    }
    expect(found).toBeGreaterThan(2000);
  });

  it('replaces a value', () => {
    const cache = new TemplateCache<number>(2);
    for (let value = 0; value < 300; value += 1) cache.set('same', value);
    for (let index = 0; index < 200; index += 1) cache.set(`other ${index}`, index);
    expect([undefined, 299]).toContain(cache.get('same'));
  });
});
