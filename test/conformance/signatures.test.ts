import { describe, expect, it } from 'vitest';
import { errnoName, hashOfKind, readAnswers } from './answers.js';
import { stricterFiles } from './cases/stricter.js';
import { generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { stricterOn } from './stricter.js';
import { trustStore, verdictOf } from './verdict.js';

/** Making RSA keys and a thousand signatures takes seconds; milliseconds. */
const PATIENCE = 120_000;

describe('what the oracle kernel said of signatures, docs/conformance.md', () => {
  const recorded = readAnswers();

  it('is recorded for every kind of case, over 2000 in all', () => {
    expect([...recorded.keys()]).toEqual(KIND_NAMES);
    const total = [...recorded.values()].reduce((sum, { signatures }) => sum + signatures.length, 0);
    expect(total).toBeGreaterThan(2000);
  });

  it.each(KIND_NAMES)('is what we say: %s', { timeout: PATIENCE }, (name) => {
    const kind = generateKind(name);
    expect(hashOfKind(kind), 'the cases are those that the oracle was asked').toBe(
      recorded.get(name)?.sha256,
    );
    const store = trustStore(kind.keyrings);
    const tell = (errnos: readonly number[]) =>
      kind.cases.map((one, index) => `${one.name}: ${errnoName(errnos[index] ?? Number.NaN)}`);
    expect(tell(kind.cases.map(({ file }) => verdictOf(file, store)))).toEqual(
      tell(recorded.get(name)?.signatures ?? []),
    );
  });
});

describe('files that are refused here, and not by the kernel', () => {
  const store = trustStore('builtin');

  it.each(Object.entries(stricterFiles()))('%s', (kind, { file }) => {
    expect(stricterOn(file)).toBe(kind);
    expect(verdictOf(file, store)).not.toBe(0);
  });

  it('and all others like them', { timeout: PATIENCE }, () => {
    const accepted = KIND_NAMES.flatMap(stricterCases).filter(({ file }) => verdictOf(file, store) === 0);
    expect(accepted.map(({ name }) => name)).toEqual([]);
  });
});
