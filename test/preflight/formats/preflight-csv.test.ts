import { describe, expect, it } from 'vitest';
import { buildPreflightCsv, CSV_COLUMNS } from '../../../src/preflight/formats/preflight-csv.js';
import { parseCsv } from '../../support/csv.js';
import { COMPARED, FLEET, formatDocument } from './samples.js';

function format(fleet: typeof FLEET): Record<string, string>[] {
  const [heading = [], ...rows] = parseCsv(formatDocument(buildPreflightCsv(), fleet));
  expect(heading).toEqual(CSV_COLUMNS);
  return rows.map((cells) =>
    Object.fromEntries(heading.map((name, index) => [name, cells[index] as string])),
  );
}

describe('preflight --format csv', () => {
  it('has a row for each machine', () => {
    const [fine, small, crash, unreadable] = format(FLEET);
    expect(fine).toMatchObject({
      ...{
        file: 'fine.json',
        machine: 'fine',
        verdict: 'loads',
        kernel: '0x40200000',
        initrd: '',
        dtb: '0x7fe00000',
      },
      ...{
        ram_bytes: '1073741824',
        page_size: '4096',
        crash_region_end: '0x50000000',
        crash_verdict: 'loads',
      },
    });
    expect(small).toMatchObject({
      ...{ verdict: 'refused', errno: 'EADDRNOTAVAIL', check: 'segment-hole', entry: '', crash_verdict: '' },
      detail: 'no hole for kernel\\x1b[31m',
    });
    expect(crash).toMatchObject({ verdict: 'loads', crash_verdict: 'refused', crash_check: 'segment-hole' });
    expect(unreadable).toMatchObject({ file: 'x.json', machine: '', verdict: 'unreadable', errno: 'ENOENT' });
  });

  it('compared, has what has changed', () => {
    expect(
      format(COMPARED).map(({ file, verdict, change, verdict_before }) => [
        file,
        verdict,
        change,
        verdict_before,
      ]),
    ).toEqual([
      ['stopped.json', 'refused', 'stopped', 'loads'],
      ['refused.json', 'refused', 'unchanged', 'refused'],
      ['fresh.json', 'refused', 'new', ''],
      ['gone.json', '', 'gone', 'loads'],
      ['x.json', 'unreadable', 'otherCause', 'refused'],
    ]);
  });
});
