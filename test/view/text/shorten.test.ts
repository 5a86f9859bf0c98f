import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureText } from '../../../src/view/text/layout.js';
import { shortenName, shortenNames } from '../../../src/view/text/shorten.js';

describe('shortenName', () => {
  it('keeps both ends of a name', () => {
    expect(shortenName('server-of-a-rack', 16)).toBe('server-of-a-rack');
    expect(shortenName('server-of-a-rack', 9)).toBe('serv…rack');
    expect(shortenName('机器机器机器', 6)).toBe('机…器');
    expect(shortenName('e\u0301'.repeat(9), 3)).toBe('e\u0301…e\u0301');
  });

  it('never exceeds the columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 12 }), (name, columns) => {
        expect(measureText(shortenName(name, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('shortenNames', () => {
  it('keeps names apart that differ at the start, at the end or near the middle', () => {
    const middles = ['1', '2', '3'].map((digit) => `a-long-name-${digit}-of-a-server`);
    expect(new Set(shortenNames(middles, 16)).size).toBe(3);
    const ends = ['1', '2', '3'].map((digit) => `${digit}${'x'.repeat(40)}${digit}`);
    expect(new Set(shortenNames([...middles, ...ends], 16)).size).toBe(6);
  });

  it('leaves equal names equal', () => {
    expect(shortenNames(['abcdefgh', 'abcdefgh'], 5)).toEqual(['ab…gh', 'ab…gh']);
  });
});
