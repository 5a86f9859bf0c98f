import { acceptPlacesIn, findCmaArea } from './cma.js';
import { outcomeOf, ownLoad } from './own.js';
import type { Recorded } from './recorded.js';
import { countAddresses, describeLoad, describeOutcome } from './scenario.js';

/** The comparison of the code under test with the oracle on a machine. */
export interface Comparison {
  readonly scenarios: number;
  /** The number of segments whose addresses and sizes were compared. */
  readonly addresses: number;
  /** In words. */
  readonly disagreements: readonly string[];
}

/**
 * Compares the oracle's answers on a machine with those of the code under test.
 *
 * @param kernelNamed - from kernelsWith()
 */
export function compareMachine(
  name: string,
  { machine, scenarios }: Recorded,
  kernelNamed: (name: string) => Uint8Array,
): Comparison {
  const disagreements = scenarios.flatMap((scenario) => {
    const { load, outcome } = scenario;
    const theirs = describeOutcome(outcome);
    const own = outcomeOf(ownLoad(scenario, kernelNamed(load.kernel), machine));
    const ours = describeOutcome(acceptPlacesIn(findCmaArea(load, machine), own, outcome));
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
