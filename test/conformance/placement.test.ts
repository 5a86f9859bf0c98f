import { describe, expect, it } from 'vitest';
import { ORACLE_RELEASES } from '../support/oracle/oracle.js';
import { compareMachine } from './placement/compare.js';
import { kernelsWith } from './placement/kernels.js';
import { namesOf } from './placement/machine-shape.js';
import { machinesOf } from './placement/machines.js';
import { readHeaders, readRecorded, recordedNames } from './placement/recorded.js';

describe.each(ORACLE_RELEASES)('placement by Linux %s, docs/conformance.md', (release) => {
  const kernelNamed = kernelsWith(readHeaders(release));
  const names = recordedNames(release);

  it('is recorded for every machine, over 300 loads in all', () => {
    expect(names.toSorted()).toEqual(machinesOf(release).flatMap(namesOf).toSorted());
    const total = names.reduce((sum, name) => sum + readRecorded(release, name).scenarios.length, 0);
    expect(total).toBeGreaterThan(300);
  });

  it.each(names)('agrees with our placement: %s', (name) => {
    const { scenarios, disagreements } = compareMachine(name, readRecorded(release, name), kernelNamed);
    expect(disagreements).toEqual([]);
    expect(scenarios).toBeGreaterThan(0);
  });
});
