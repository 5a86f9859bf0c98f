import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeField } from '../../../src/base/escape-field.js';
import { formatCsvRow } from '../../../src/view/csv/csv-row.js';
import { parseCsv } from '../../support/csv.js';

describe('formatCsvRow', () => {
  it.each([
    [['a', undefined, 'c'], 'a,,c\r\n'],
    [['a,b', 'say "no"', ' x', 'x;y'], '"a,b","say ""no"""," x","x;y"\r\n'],
    [['=1+1', '+1', '-1', '@SUM(A1)', '\uff1d1', "'x"], "'=1+1,'+1,'-1,'@SUM(A1),'\uff1d1,'x\r\n"],
    [['=HYPERLINK("http://evil.example","x")'], '"\'=HYPERLINK(""http://evil.example"",""x"")"\r\n'],
    [['a\nb\r\tc', '\t=1'], 'a\\nb\\r\\tc,\\t=1\r\n'],
  ] as const)('%j', (cells, row) => {
    expect(formatCsvRow(cells)).toBe(row);
  });

  it('is read as RFC 4180 says, and no cell is a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }), (cells) => {
        const rows = parseCsv(formatCsvRow(cells));
        expect(rows).toHaveLength(1);
        expect(rows[0]?.map((cell) => cell.replace(/^'(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/u, ''))).toEqual(
          cells.map((cell) => escapeField(cell)),
        );
        for (const cell of rows[0] ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u);
      }),
    );
  });
});
