import { describe, expect, it } from 'vitest';
import { errnoName, hashOfKind, readAnswers } from './answers.js';
import { stricterFiles } from './cases/stricter.js';
import { generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { stricterOn } from './stricter.js';
import { trustStore, verdictOf } from './verdict.js';

/** In milliseconds: making RSA keys and a thousand signatures takes seconds. */
const TIMEOUT = 120_000;

describe('verdicts of the oracle kernel on signatures, docs/conformance.md', () => {
  const recorded = readAnswers();

  it('are recorded for every kind of case, over 2000 in all', () => {
    expect([...recorded.keys()]).toEqual(KIND_NAMES);
    const total = [...recorded.values()].reduce((sum, { signatures }) => sum + signatures.length, 0);
    expect(total).toBeGreaterThan(2000);
  });

  it.each(KIND_NAMES)('agree with ours: %s', { timeout: TIMEOUT }, (name) => {
    const kind = generateKind(name);
    expect(hashOfKind(kind), 'the cases are those that were recorded').toBe(recorded.get(name)?.sha256);
    const store = trustStore(kind.keyrings);
    const describeAnswers = (errnos: readonly number[]) =>
      kind.cases.map((one, index) => `${one.name}: ${errnoName(errnos[index] ?? Number.NaN)}`);
    expect(describeAnswers(kind.cases.map(({ file }) => verdictOf(file, store)))).toEqual(
      describeAnswers(recorded.get(name)?.signatures ?? []),
    );
  });
});

describe('files that this project refuses and the kernel does not', () => {
  const store = trustStore('builtin');

  it.each(Object.entries(stricterFiles()))('%s', (kind, { file }) => {
    expect(stricterOn(file)).toBe(kind);
    expect(verdictOf(file, store)).not.toBe(0);
  });

  it('are refused in all cases', { timeout: TIMEOUT }, () => {
    const accepted = KIND_NAMES.flatMap(stricterCases).filter(({ file }) => verdictOf(file, store) === 0);
    expect(accepted.map(({ name }) => name)).toEqual([]);
  });
});
