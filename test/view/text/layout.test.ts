import fc from 'fast-check';
import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { Layout, measureColumns, measureText } from '../../../src/view/text/layout.js';

const { red } = createColors(true);
const words = (count: number): string => Array.from({ length: count }, () => 'four').join(' ');
const layout = new Layout();

describe('wrap', () => {
  it('fills lines up to 80 columns, or as many as are given, and indents further lines', () => {
    expect(layout.wrap(words(16), 0, 2)).toBe(words(16));
    expect(layout.wrap(words(17), 0, 2)).toBe(`${words(16)}\n  four`);
    expect(layout.wrap(words(16), 2, 0)).toBe(`${words(15)}\nfour`);
    expect(new Layout({ columns: 120 }).wrap(words(24), 0, 2)).toBe(words(24));
  });

  it('leaves a word whole that is longer than a line', () => {
    const long = 'x'.repeat(200);
    expect(layout.wrap(long, 0, 0)).toBe(long);
    expect(layout.wrap(`a ${long} b`, 0, 1)).toBe(`a\n ${long}\n b`);
  });

  it('counts the columns of what is seen', () => {
    expect(layout.wrap(red(words(16)), 0, 2)).toBe(red(words(16)));
    const chinese = '内核'.repeat(19);
    expect(measureText(chinese)).toBe(76);
    expect(layout.wrap(`${chinese} four`, 0, 2)).toBe(`${chinese}\n  four`);
  });
});

describe('line', () => {
  it('keeps the indent of the first line', () => {
    expect(layout.line(`    ${words(16)}`, 6)).toBe(`    ${words(15)}\n      four`);
  });
});

describe('hang', () => {
  it('continues text below its start', () => {
    expect(layout.hang('name  ', words(16))).toBe(`name  ${words(15)}\n      four`);
  });

  it('begins text below a start that leaves too few columns', () => {
    const start = `${'x'.repeat(70)}  `;
    expect(layout.hang(start, 'short')).toBe(`${start}short`);
    expect(layout.hang(start, words(3))).toBe(`${'x'.repeat(70)}\n    ${words(3)}`);
  });
});

describe('label', () => {
  it('aligns texts of labels of different lengths, and their further lines', () => {
    expect(layout.label(4, 'why', 'so')).toBe('    why   so');
    expect(layout.label(4, 'cure', words(15))).toBe(`    cure  ${words(14)}\n          four`);
  });

  it('paints the label alone', () => {
    expect(layout.label(0, 'cure', 'text', (label) => `<${label}>`)).toBe('<cure>  text');
  });
});

describe('row', () => {
  it('aligns cells to the left and to the right, with text after them', () => {
    const rows = [
      ['a', '100'],
      ['name', red('7')],
    ];
    const [name = 0, size = 0] = measureColumns(rows);
    const format = (cells: readonly string[], text?: string): string =>
      layout.row(cells, [name, -size], text);
    expect(rows.map((cells) => format(cells, 'so'))).toEqual(['a     100  so', `name    ${red('7')}  so`]);
    expect(format(['a'])).toBe('a');
    expect(format(['a', '1'], words(15))).toBe(`a       1  ${words(14)}\n           four`);
  });
});

describe('any text', () => {
  const text = fc.array(fc.stringMatching(/^[!-~äß内]{1,12}$/), { minLength: 1, maxLength: 60 });

  it('keeps its words in their order, in lines that fit', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 120 }), fc.nat(16), (parts, columns, indent) => {
        const lines = new Layout({ columns }).line(parts.join(' '), indent).split('\n');
        expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(parts);
        for (const line of lines) expect(measureText(line)).toBeLessThanOrEqual(columns);
        for (const line of lines.slice(1)) expect(line).toMatch(new RegExp(`^ {${indent}}[^ ]`));
      }),
    );
  });
});
