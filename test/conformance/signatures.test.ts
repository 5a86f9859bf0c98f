import { describe, expect, it } from 'vitest';
import { ORACLE_RELEASES } from '../support/oracle/oracle.js';
import { errnoName, hashOfKind, readAnswers, SIGNATURE_ANSWERS } from './answers.js';
import { stricterFiles } from './cases/stricter.js';
import { generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { selectCases } from './selection.js';
import { stricterOn } from './stricter.js';
import { trustStore, verdictOf } from './verdict.js';
import { SIGNATURES } from './x86-64/brief-questions.js';
import { replayBriefKind } from './x86-64/compare-brief.js';
import { readX86Recorded } from './x86-64/recorded.js';

/** In milliseconds: making RSA keys and a thousand signatures takes seconds. */
const TIMEOUT = 120_000;

describe.each(ORACLE_RELEASES)('verdicts of Linux %s on signatures, docs/conformance.md', (release) => {
  const recorded = readAnswers(SIGNATURE_ANSWERS[release]);

  it('are recorded for every kind of case, over 2500 in all', () => {
    expect([...recorded.keys()]).toEqual(KIND_NAMES);
    const total = [...recorded.values()].reduce((sum, { signatures }) => sum + signatures.length, 0);
    expect(total).toBeGreaterThan(2500);
  });

  it.each(KIND_NAMES)('agree with ours: %s', { timeout: TIMEOUT }, (name) => {
    const kind = selectCases(generateKind(name), release);
    expect(hashOfKind(kind), 'the cases are those that were recorded').toBe(recorded.get(name)?.sha256);
    const store = trustStore(kind.keyrings, release);
    const describeAnswers = (errnos: readonly number[]) =>
      kind.cases.map((one, index) => `${one.name}: ${errnoName(errnos[index] ?? Number.NaN)}`);
    expect(describeAnswers(kind.cases.map(({ file }) => verdictOf(file, store)))).toEqual(
      describeAnswers(recorded.get(name)?.signatures ?? []),
    );
  });
});

/** Here, and not with the other answers of x86_64: the cases are the same, and take seconds to make. */
describe.each(ORACLE_RELEASES)("errnos of Debian's Linux %s for x86_64 under Secure Boot", (release) => {
  const kinds = SIGNATURES.generate(release);
  const { machine } = readX86Recorded(release, SIGNATURES.machine);

  it('are recorded for hundreds of signatures', () => {
    const recorded = readAnswers(SIGNATURES.answers[release]);
    expect([...recorded.keys()]).toEqual(expect.arrayContaining(kinds.map(({ name }) => name)));
    const total = [...recorded.values()].reduce((sum, { signatures }) => sum + signatures.length, 0);
    expect(total).toBeGreaterThan(500);
  });

  it.each(kinds)('agree with ours: $name', { timeout: TIMEOUT }, (kind) => {
    expect(replayBriefKind(SIGNATURES, release, kind, machine)).toEqual([]);
  });
});

describe('files that this project refuses and the kernel does not', () => {
  const store = trustStore('builtin', '7.3');

  it.each(Object.entries(stricterFiles()))('%s', (kind, { file }) => {
    expect(stricterOn(file)).toBe(kind);
    expect(verdictOf(file, store)).not.toBe(0);
  });

  it('are refused in all cases', { timeout: TIMEOUT }, () => {
    const accepted = KIND_NAMES.flatMap(stricterCases).filter(({ file }) => verdictOf(file, store) === 0);
    expect(accepted.map(({ name }) => name)).toEqual([]);
  });
});
