import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetRow } from '../../../src/preflight/compare/compare-rows.js';
import { buildPreflightSarif } from '../../../src/preflight/formats/preflight-sarif.js';
import { parseSarif } from '../../support/sarif.js';
import { buildRow, LOADS, NO_FILE, REFUSED } from '../samples.js';
import { COMPARED, FLEET, formatDocument, KERNEL } from './samples.js';

function format(fleet: readonly FleetRow[], kernel = KERNEL) {
  return parseSarif(formatDocument(buildPreflightSarif(kernel, '1.2.3'), fleet)).runs[0];
}

describe('preflight --format sarif', () => {
  it('has a result for each refusal, in the file of its machine', () => {
    const { results, tool } = format(FLEET);
    expect(
      results.map(({ ruleId, level, locations }) => [
        ruleId,
        level,
        locations[0].physicalLocation.artifactLocation.uri,
      ]),
    ).toEqual([
      ['segment-hole', 'error', 'small.json'],
      ['segment-hole', 'warning', 'crash.json'],
      ['file-access', 'error', 'x.json'],
    ]);
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['segment-hole', 'file-access']);
    expect(results[0]?.message.text).toMatch(
      /^small refuses boot\/vmlinuz \(Linux 6\.12\.1\): EADDRNOTAVAIL \(segment-hole\): no hole for kernel/,
    );
    expect(results[1]?.message.text).toMatch(/^crash refuses .* as a crash kernel: /);
  });

  it('is valid without a result, and without a machine', () => {
    expect(format([{ row: buildRow('fine', LOADS) }]).results).toEqual([]);
    expect(format([]).results).toEqual([]);
  });

  it('names the kernel for a preset, which has no file', () => {
    const row = { ...buildRow('qemu-virt', REFUSED), file: 'qemu-virt' };
    const [result] = format([{ row }]).results;
    expect(result?.locations[0].physicalLocation.artifactLocation.uri).toBe('boot/vmlinuz');
  });

  it('compared, has errors only for machines that loaded the kernel before', () => {
    expect(format(COMPARED).results.map(({ level, baselineState }) => [level, baselineState])).toEqual([
      ['error', 'new'],
      ['warning', 'unchanged'],
      ['warning', 'new'],
      ['warning', 'updated'],
    ]);
  });

  it('gives a refusal the same fingerprint in every run, and two machines two', () => {
    const prints = [format(FLEET), format(FLEET)].map(({ results }) =>
      results.map((result) => (result as unknown as { partialFingerprints: object }).partialFingerprints),
    );
    expect(prints[0]).toEqual(prints[1]);
    expect(new Set(prints[0]?.map((print) => JSON.stringify(print))).size).toBe(3);
  });

  it('is valid, whatever machines and their files are called, and makes no link of a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const name = `${text}[here](https://evil.example)`;
        const rows = [buildRow(name, REFUSED), { file: name, unreadable: { ...NO_FILE, detail: name } }];
        const { results } = format(
          rows.map((row) => ({ row })),
          { ...KERNEL, file: name },
        );
        for (const { message } of results) {
          expect(message.text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(message.text).not.toContain('](');
        }
      }),
      { numRuns: 50 },
    );
  });
});
