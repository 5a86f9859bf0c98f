import { describe, expect, it } from 'vitest';
import { formatLabelled, wrapText } from '../../../src/view/text/wrap-text.js';

const words = (count: number) => Array.from({ length: count }, () => 'four').join(' ');

describe('wrapText', () => {
  it('fills lines up to 110 columns, and indents further lines', () => {
    expect(wrapText(words(22), 0, 2)).toBe(words(22));
    expect(wrapText(words(23), 0, 2)).toBe(`${words(22)}\n  four`);
    expect(wrapText(words(22), 2, 0)).toBe(`${words(21)}\nfour`);
  });

  it('leaves a word whole that is longer than a line', () => {
    const long = 'x'.repeat(200);
    expect(wrapText(long, 0, 0)).toBe(long);
    expect(wrapText(`a ${long} b`, 0, 1)).toBe(`a\n ${long}\n b`);
  });
});

describe('formatLabelled', () => {
  it('aligns texts of labels of different lengths, and their further lines', () => {
    expect(formatLabelled(4, 'why', 'so')).toBe('    why   so');
    expect(formatLabelled(4, 'cure', words(21))).toBe(`    cure  ${words(20)}\n          four`);
  });

  it('paints the label alone', () => {
    expect(formatLabelled(0, 'cure', 'text', (label) => `<${label}>`)).toBe('<cure>  text');
  });
});
