/** Every input that the fuzzer kept, and every seed, once more: `npm run fuzz` finds new ones. */
import { describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.js';
import { runAsyncTarget, runTarget } from './fuzz-target.js';
import { TARGETS } from './targets/targets.js';

describe('the corpus finds nothing', () => {
  it.each(Object.entries(TARGETS))('%s', async (name, target) => {
    const inputs = [new Uint8Array(0), ...target.seeds(), ...readCorpus(name)];
    expect(inputs.length).toBeGreaterThan(1);
    for (const input of inputs) {
      if (target.isAsync) await runAsyncTarget(target, input);
      else runTarget(target, input);
    }
  });
});

it('anything that is thrown but a refusal is a finding', async () => {
  const target = {
    seeds: () => [],
    run: (input: Uint8Array) => (input as unknown as { x: Uint8Array }).x.length,
  };
  expect(() => runTarget(target, new Uint8Array(0))).toThrow(TypeError);
  await expect(runAsyncTarget(target, new Uint8Array(0))).rejects.toThrow(TypeError);
});
