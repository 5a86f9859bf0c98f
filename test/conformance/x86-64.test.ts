import { describe, expect, it } from 'vitest';
import { ORACLE_RELEASES } from '../support/oracle/oracle.js';
import { readAnswers } from './answers.js';
import { HEADERS } from './x86-64/brief-questions.js';
import { compareAsked } from './x86-64/compare-asked.js';
import { replayBriefKind } from './x86-64/compare-brief.js';
import { imitateKernel, syntheticKernel } from './x86-64/kernels.js';
import { x86MachinesOf, x86NamesOf } from './x86-64/machines.js';
import { readRecordedKernel, readX86Recorded, recordedX86Names } from './x86-64/recorded.js';

/** In milliseconds: hundreds of digests of megabytes take seconds. */
const TIMEOUT = 120_000;

describe.each(ORACLE_RELEASES)("Debian's Linux %s for x86_64, docs/conformance.md", (release) => {
  const recorded = readAnswers(HEADERS.answers[release]);
  const kernel = readRecordedKernel(release);
  const { machine } = readX86Recorded(release, HEADERS.machine);
  const kinds = HEADERS.generate(release);
  const imitated = imitateKernel(kernel);
  const kernelNamed = (name: string): Uint8Array => (name === 'debian' ? imitated : syntheticKernel(name));

  it('was asked about every kind of setup header, over 2000 in all', () => {
    expect([...recorded.keys()]).toEqual(kinds.map(({ name }) => name));
    const total = [...recorded.values()].reduce((sum, { signatures }) => sum + signatures.length, 0);
    expect(total).toBeGreaterThan(2000);
  });

  it.each(kinds)('agrees with our errno for setup headers: $name', { timeout: TIMEOUT }, (kind) => {
    expect(replayBriefKind(HEADERS, release, kind, machine)).toEqual([]);
  });

  it('was asked on every machine, about over 100 loads in all', () => {
    const names = recordedX86Names(release);
    expect(names.toSorted()).toEqual(x86MachinesOf(release).flatMap(x86NamesOf).toSorted());
    const total = names.reduce((sum, name) => sum + readX86Recorded(release, name).outcomes.length, 0);
    expect(total).toBeGreaterThan(100);
  });

  it.each(x86MachinesOf(release))('agrees with our placement: $name', { timeout: TIMEOUT }, (shape) => {
    const stages = new Map(x86NamesOf(shape).map((name) => [name, readX86Recorded(release, name)]));
    const comparisons = compareAsked({ shape, stages }, kernelNamed);
    expect(comparisons.flatMap(({ disagreements }) => disagreements)).toEqual([]);
  });
});
