import { describe, expect, it } from 'vitest';
import {
  formatPreflightHeading,
  formatPreflightRow,
  formatPreflightSummary,
} from '../../src/preflight/preflight-text.js';
import { PreflightTally } from '../../src/preflight/tally.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from './samples.js';

const options = { nameWidth: 8, hasInitrd: false, isCrash: false, color: false };

describe('the table of preflight', () => {
  it('has a line for each machine', () => {
    const rows = [buildRow('a', LOADS, LOADS), buildRow('b', LOADS), buildRow('c', REFUSED), UNREADABLE];
    expect([formatPreflightHeading(options), ...rows.map((row) => formatPreflightRow(row, options))]).toEqual(
      [
        'MACHINE   VERDICT     CRASH     KERNEL        DTB',
        'a         loads       fits      0x40200000    0x7fe00000',
        'b         loads       -         0x40200000    0x7fe00000',
        'c         refused     -         EADDRNOTAVAIL (segment-hole): no hole for kernel\\x1b[31m',
        'x.json    unreadable            ENOENT (file-access): cannot read x.json',
      ],
    );
  });

  it('has a column for the initrd if there is one, and none for crash kernels if all are', () => {
    const heading = formatPreflightHeading({ ...options, hasInitrd: true, isCrash: true });
    expect(heading.split(/ +/)).toEqual(['MACHINE', 'VERDICT', 'KERNEL', 'INITRD', 'DTB']);
    const row = formatPreflightRow(buildRow('a', LOADS), { ...options, hasInitrd: true, isCrash: true });
    expect(row.split(/ +/)).toEqual(['a', 'loads', '0x40200000', '-', '0x7fe00000']);
  });

  it('names the cause if the kernel loads, but not as a crash kernel', () => {
    expect(formatPreflightRow(buildRow('a', LOADS, REFUSED), options)).toMatch(
      /refused {3}.* {2}as a crash kernel: EADDRNOTAVAIL \(segment-hole\)$/,
    );
  });
});

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
