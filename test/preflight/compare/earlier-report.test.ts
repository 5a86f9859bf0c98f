import { describe, expect, it } from 'vitest';
import { compareRows } from '../../../src/preflight/compare/compare-rows.js';
import { buildComparedRowJson } from '../../../src/preflight/compare/compared-json.js';
import { parseReport } from '../../../src/preflight/compare/earlier-report.js';
import type { PreflightKernel } from '../../../src/preflight/kernel-facts.js';
import { buildPreflightRowJson, buildPreflightSummaryJson } from '../../../src/preflight/preflight-json.js';
import { PreflightTally } from '../../../src/preflight/tally.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from '../samples.js';

const KERNEL: PreflightKernel = { file: 'vmlinuz', sha256: '00', type: 'default' };
const ROWS = [buildRow('a', LOADS, REFUSED), buildRow('b', REFUSED), UNREADABLE, buildRow('c', LOADS)];

function formatReport(kernel: PreflightKernel = KERNEL): string[] {
  const tally = new PreflightTally();
  for (const row of ROWS) tally.add(row);
  const lines = [...ROWS.map(buildPreflightRowJson), buildPreflightSummaryJson(kernel, tally.summary())];
  return lines.map((line) => JSON.stringify(line));
}

describe('parseReport', () => {
  it('reads what preflight --json prints, and nothing has changed', () => {
    const { rows, kernel, isCrash } = parseReport(`${formatReport().join('\n')}\n`);
    expect({ kernel, isCrash }).toEqual({ kernel: 'vmlinuz', isCrash: false });
    expect(rows.map(({ file }) => file)).toEqual(['a.json', 'b.json', 'x.json', 'c.json']);
    expect(rows.map((row, index) => compareRows(ROWS[index], row))).toEqual(ROWS.map(() => 'unchanged'));
  });

  it('reads reports of versions with fewer and with more fields', () => {
    const { type, ...earlier } = KERNEL;
    expect(parseReport(formatReport(earlier as PreflightKernel).join('\n')).isCrash).toBeUndefined();
    const [line = '', ...others] = formatReport({ ...KERNEL, type: 'crash' });
    const later = { schema: 'kexec-file/preflight', version: 2, ...JSON.parse(line), more: [1] };
    expect(parseReport([JSON.stringify(later), ...others].join('\r\n')).isCrash).toBe(true);
  });

  it('leaves out the machines that were gone already', () => {
    const gone = buildComparedRowJson({ row: undefined, before: buildRow('d', LOADS), change: 'gone' });
    expect(parseReport([JSON.stringify(gone), ...formatReport()].join('\n')).rows).toHaveLength(ROWS.length);
  });

  it.each([
    ['an empty text', [], /no summary: it is cut short/],
    ['a report that is cut short', formatReport().slice(0, 2), /2 lines and no summary/],
    ['half a line', [...formatReport().slice(0, 1), '{"file": "b'], /line 2 of the report: not JSON/],
    ['lines that are missing', formatReport().slice(1), /summary is of 4 machines, and the report has 3/],
    ['a list', ['[]'], /line 1 of the report: no object/],
    ['another object', ['{"a": 1}'], /line 1 of the report: verdict: /],
    ['an unknown verdict', ['{"file": "a", "verdict": "maybe"}'], /line 1 of the report: verdict: /],
    ['an address in decimal', [formatReport()[0]?.replace('"0x40200000"', '1') ?? ''], /entry: /],
    ['a refusal alone', ['{"refusal": {"errno": "EINVAL"}}'], /a refusal alone/],
    ['a line without end', ['x'.repeat((1 << 20) + 1)], /it has 1048577 characters/],
    ['brackets without end', ['['.repeat(1 << 19)], /line 1 of the report: /],
  ])('refuses %s', (_, lines, message) => {
    const parse = () => parseReport(lines.join('\n'));
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ errno: 'EINVAL', check: 'preflight-report' }));
  });
});
