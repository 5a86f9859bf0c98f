import { outcomeOf, ownLoad } from './own.js';
import type { Recorded } from './recorded.js';
import { countAddresses, describeLoad, describeOutcome } from './scenario.js';

/** How far the code under test agrees with the oracle on a machine. */
export interface Comparison {
  readonly scenarios: number;
  /** How many segments' addresses were compared, their sizes with them. */
  readonly addresses: number;
  /** What they do not agree on, in words. */
  readonly disagreements: readonly string[];
}

/**
 * Holds what the oracle answered on a machine against what the code under test makes of the same.
 *
 * @param kernelNamed kernels.ts, kernelsWith()
 */
export function compareMachine(
  name: string,
  { machine, scenarios }: Recorded,
  kernelNamed: (name: string) => Uint8Array,
): Comparison {
  const disagreements = scenarios.flatMap(({ load, seeds, outcome }) => {
    const theirs = describeOutcome(outcome);
    const ours = describeOutcome(outcomeOf(ownLoad(load, kernelNamed(load.kernel), seeds, machine)));
    return ours === theirs
      ? []
      : [`${name}: ${describeLoad(load)}:\n    oracle: ${theirs}\n    we:     ${ours}`];
  });
  return {
    scenarios: scenarios.length,
    addresses: scenarios.reduce((sum, { outcome }) => sum + countAddresses(outcome), 0),
    disagreements,
  };
}
