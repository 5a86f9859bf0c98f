import { describe, expect, it } from 'vitest';
import type { PreflightRow } from '../../src/preflight/preflight-machine.js';
import {
  arrangePreflightTable,
  formatPreflightHeading,
  formatPreflightRow,
  formatPreflightSummary,
} from '../../src/preflight/preflight-text.js';
import { PreflightTally } from '../../src/preflight/tally.js';
import type { PreflightColumns } from '../../src/preflight/wording.js';
import { measureText, type ViewOptions } from '../../src/view/text/layout.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from './samples.js';

/** The lines of the table for these rows. */
function formatTable(rows: readonly PreflightRow[], options: PreflightColumns & ViewOptions): string[] {
  const files = rows.map(({ file }) => file);
  const { table, names } = arrangePreflightTable(files, options);
  const lines = rows.map((row, index) => formatPreflightRow(row, names[index] as string, table));
  return [formatPreflightHeading(table), ...lines].flatMap((text) => text.split('\n'));
}

const NARROW = { hasInitrd: false, isCrash: false, columns: 80 };
const WIDE = { ...NARROW, columns: 120 };

describe('the table of preflight', () => {
  const rows = [buildRow('a', LOADS, LOADS), buildRow('b', LOADS), buildRow('c', REFUSED), UNREADABLE];

  it('has a line for each machine, and breaks reasons within their column', () => {
    expect(formatTable(rows, NARROW)).toEqual([
      'MACHINE  VERDICT     CRASH    KERNEL           WHY',
      'a        loads       fits     0x40200000',
      'b        loads       -        0x40200000',
      'c        refused     -        -                EADDRNOTAVAIL (segment-hole): no',
      '                                               hole for kernel\\x1b[31m',
      'x        unreadable  -        -                ENOENT (file-access): cannot read',
      '                                               x.json',
    ]);
  });

  it('has the addresses that fit', () => {
    const headings = (options: PreflightColumns & ViewOptions) => formatTable(rows, options)[0]?.split(/ +/);
    expect(headings(WIDE)).toEqual(['MACHINE', 'VERDICT', 'CRASH', 'KERNEL', 'DTB', 'WHY']);
    expect(headings({ ...NARROW, columns: 60 })).toEqual(['MACHINE', 'VERDICT', 'CRASH', 'WHY']);
  });

  it('has a column for the initrd if there is one, and none for crash kernels if all are', () => {
    const [heading, row] = formatTable([buildRow('a', LOADS)], { ...WIDE, hasInitrd: true, isCrash: true });
    expect(heading?.split(/ +/)).toEqual(['MACHINE', 'VERDICT', 'KERNEL', 'INITRD', 'DTB', 'WHY']);
    expect(row?.split(/ +/)).toEqual(['a', 'loads', '0x40200000', '-', '0x7fe00000']);
  });

  it('names the cause if the kernel loads, but not as a crash kernel', () => {
    const [, ...row] = formatTable([buildRow('a', LOADS, REFUSED)], { ...WIDE, columns: 200 });
    expect(row).toEqual([
      expect.stringMatching(/^a +loads +refused .* {2}as a crash kernel: EADDRNOTAVAIL \(segment-hole\)$/),
    ]);
  });

  it('keeps its columns at any width and for any names', () => {
    const named = (file: string, row: PreflightRow): PreflightRow => ({ ...row, file });
    const long = [
      named(`/srv/fleet/${'rack-of-servers-'.repeat(20)}1.json`, buildRow('a', REFUSED)),
      named('/srv/fleet/机器机器机器机器机器机器机器机器机器机器.json', buildRow('b', LOADS)),
      named('/srv/fleet/\u202e\u001b[31m\n.json', buildRow('c', LOADS)),
      UNREADABLE,
    ];
    for (const columns of [40, 44, 60, 80, 100, 120, 200]) {
      const lines = formatTable(long, { ...NARROW, columns });
      const at = lines[0]?.indexOf('VERDICT') as number;
      for (const line of lines.filter((text) => /^\S/.test(text)))
        expect(line).toSatisfy((text: string) =>
          /^(VERDICT|loads|refused|unreadable)/.test(cutStart(text, at)),
        );
      expect(lines.every((line) => measureText(line) <= columns)).toBe(true);
    }
  });
});

/** A line from a column on. */
function cutStart(line: string, column: number): string {
  let start = 0;
  while (measureText(line.slice(0, start)) < column) start += 1;
  return line.slice(start);
}

describe('formatPreflightSummary', () => {
  it('gives each cause with its rule and cure, in lines of at most 110 columns', () => {
    const tally = new PreflightTally();
    for (const row of [buildRow('a', LOADS, REFUSED), buildRow('b', REFUSED), UNREADABLE]) tally.add(row);
    const lines = formatPreflightSummary(tally.summary(), { columns: 110 }).split('\n');
    expect(lines[0]).toBe(
      '3 machines: 1 loads it, 1 refuses it, 1 cannot be read; as a crash kernel it loads into 0 of 1 crash regions',
    );
    expect(lines.filter((line) => line.startsWith('Why not'))).toEqual([
      'Why not',
      'Why not as a crash kernel',
    ]);
    expect(lines).toContain('      1  EADDRNOTAVAIL (segment-hole)');
    expect(lines.filter((line) => line.startsWith('         rule  '))).toHaveLength(3);
    expect(lines.filter((line) => line.startsWith('         cure  '))).toHaveLength(3);
    expect(lines.every(({ length }) => length <= 110)).toBe(true);
  });
});
