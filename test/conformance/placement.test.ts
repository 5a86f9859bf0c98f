import { describe, expect, it } from 'vitest';
import { compareMachine } from './placement/compare.js';
import { kernelsWith } from './placement/kernels.js';
import { MACHINES } from './placement/machines.js';
import { readHeaders, readRecorded, recordedNames } from './placement/recorded.js';

describe('placement by the oracle kernel, docs/conformance.md', () => {
  const kernelNamed = kernelsWith(readHeaders());
  const names = recordedNames();

  it('is recorded for every machine, over 300 loads in all', () => {
    expect(names).toEqual(expect.arrayContaining(MACHINES.map(({ name }) => name)));
    const total = names.reduce((sum, name) => sum + readRecorded(name).scenarios.length, 0);
    expect(total).toBeGreaterThan(300);
  });

  it.each(names)('agrees with our placement: %s', (name) => {
    const { scenarios, disagreements } = compareMachine(name, readRecorded(name), kernelNamed);
    expect(disagreements).toEqual([]);
    expect(scenarios).toBeGreaterThan(0);
  });
});
