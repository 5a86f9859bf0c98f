import { describe, expect, it } from 'vitest';
import { ORACLE_RELEASES } from '../support/oracle/oracle.js';
import { errnoName, hashOfKind, readAnswers, SIGNATURE_ANSWERS } from './answers.js';
import { stricterFiles } from './cases/stricter.js';
import { generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { selectCases } from './selection.js';
import { stricterOn } from './stricter.js';
import { trustStore, verdictOf } from './verdict.js';

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
