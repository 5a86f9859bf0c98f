import { describe, expect, it } from 'vitest';
import type { FleetRow } from '../../../src/preflight/compare/compare-rows.js';
import { buildPreflightJunit } from '../../../src/preflight/formats/preflight-junit.js';
import { COMPARED, FLEET, formatDocument, KERNEL } from './samples.js';

const STARTED = new Date('2026-01-02T03:04:05.678Z');

function format(fleet: readonly FleetRow[]): string {
  return formatDocument(buildPreflightJunit(KERNEL, '1.2.3', STARTED), fleet);
}

function listTests(xml: string): string[] {
  return [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|><(\w+))/g)].map(([, name, fault]) =>
    [name, fault ?? 'passed'].join(' '),
  );
}

describe('preflight --format junit', () => {
  it('has a test for each machine, and fails where the command does', () => {
    const xml = format(FLEET);
    expect(listTests(xml)).toEqual([
      'fine.json passed',
      'small.json failure',
      'crash.json passed',
      'x.json error',
    ]);
    expect(xml).toContain(' tests="4" failures="1" errors="1" timestamp="2026-01-02T03:04:05" ');
    expect(xml).toContain('<system-out>as a crash kernel it loads into 1 of 2 crash regions</system-out>');
  });

  it('says the cause, the rule and the cure', () => {
    const [, failure = ''] = /<failure ([\s\S]*?)<\/failure>/.exec(format(FLEET)) ?? [];
    expect(failure).toMatch(
      /^type="EADDRNOTAVAIL \(segment-hole\)" message="EADDRNOTAVAIL \(segment-hole\): no/,
    );
    expect(failure).toMatch(
      /\nrule: the segment fits .*\ncure: free memory.*\nmore: kexec-file explain segment-hole$/,
    );
  });

  it('compared, skips machines that refused the kernel before, new ones, and those that are gone', () => {
    const xml = format(COMPARED);
    expect(listTests(xml)).toEqual([
      'stopped.json failure',
      'refused.json skipped',
      'fresh.json skipped',
      'gone.json skipped',
      'x.json skipped',
    ]);
    expect(xml).toContain(' tests="5" failures="1" errors="0" skipped="4" ');
  });
});
