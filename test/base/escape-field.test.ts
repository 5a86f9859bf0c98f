import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeField } from '../../src/base/escape-field.js';

describe('escapeField', () => {
  it.each([
    ['a line feed', 'x\nvmlinuz: ok', 'x\\nvmlinuz: ok'],
    ['an escape sequence', '\u001b[2Kok', '\\x1b[2Kok'],
    ['C1', '\u009b2J', '\\x9b2J'],
    ['DEL', 'a\u007f', 'a\\x7f'],
    ['bidi', '\u202egnp.exe', '\\u202egnp.exe'],
    ['a mark of direction', '\u061c', '\\u061c'],
    ['zero width', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['a tag', '\u{e0041}', '\\u{e0041}'],
    ['half a surrogate pair', 'a\ud83d', 'a\\ud83d'],
    ['letters, signs and emoji', 'Größe 日本 🙂 "x\\y"', 'Größe 日本 🙂 "x\\y"'],
  ])('shows %s', (_, text, shown) => {
    expect(escapeField(text)).toBe(shown);
  });

  it('leaves every character of the first two planes that is shown, and no other', () => {
    const isUnshown =
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
    const wrong: string[] = [];
    for (let code = 0; code < 0x20000; code += 1) {
      const character = String.fromCodePoint(code);
      if ((escapeField(character) !== character) !== isUnshown.test(character)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it('shortens a long word in a sentence, and keeps the sentence', () => {
    const shown = escapeField(`signed by ${'x'.repeat(1e6)}, who is not trusted`);
    expect(shown.length).toBeLessThan(250);
    expect(shown).toMatch(/^signed by x{100,} … \(1000001 characters\) … x+, who is not trusted$/);
  });

  it('shortens a name of many words, and keeps its end', () => {
    const shown = escapeField(`signed by ${'a b '.repeat(1000)}, who is not trusted`);
    expect(shown.length).toBeLessThanOrEqual(2400);
    expect(shown).toMatch(/^signed by a b .* … \(4030 characters\) … .* , who is not trusted$/);
  });

  it('shortens what its escapes make long, and cuts no escape', () => {
    const shown = escapeField('\u202e'.repeat(150));
    expect(shown).toMatch(/^(\\u202e)+ … \(150 characters\) … (\\u202e)+$/);
    expect(shown.length).toBeLessThanOrEqual(200);
  });

  it('keeps a command line of the longest size whole', () => {
    const text = `the command line is "${'quiet rd.luks=1 '.repeat(128).slice(1)}"`;
    expect(escapeField(text)).toBe(text);
  });

  it('bounds its result, and does not change it again', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 40, max: 250 }),
        (text, max) => {
          const shown = escapeField(text, max);
          expect(shown.length).toBeLessThanOrEqual(max);
          expect(escapeField(shown, max)).toBe(shown);
        },
      ),
    );
  });
});
