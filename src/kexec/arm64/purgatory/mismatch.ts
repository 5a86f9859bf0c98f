import { encodeU32le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import { findPsciConduit, type PsciConduit } from '../../../machine/arm64/psci.js';
import type { OnMismatch } from '../../hand-over-options.js';
import type { PurgatorySetup } from './purgatory-setup.js';

/** As macros.inc numbers them. */
const ACTIONS = { halt: 0, hvc: 1, smc: 2, continue: 3 } as const;

const TEXTS: Readonly<Record<OnMismatch, string>> = {
  halt: 'if a segment is not what was loaded, purgatory halts',
  reset: 'if a segment is not what was loaded, purgatory resets the machine',
  continue:
    'if a segment is not what was loaded, purgatory says so and enters the kernel all the same, as asked',
};

/**
 * Sets what purgatory does if a segment is not what was loaded. The default is a reset if the machine has PSCI; for a
 * crash kernel it is to halt, which leaves the crashed kernel's memory for inspection.
 *
 * @throws KexecError `EINVAL`, check `purgatory-mismatch`, if a reset is requested and the machine has no PSCI.
 */
export function setMismatch({ purgatory, options, placement }: PurgatorySetup): void {
  const { type, machine, trail } = placement;
  const conduit = findPsciConduit(machine);
  const action = options.onMismatch ?? (type === 'default' && conduit !== undefined ? 'reset' : 'halt');
  const code = ACTIONS[action === 'reset' ? requireConduit(conduit) : action];
  purgatory.setSymbol('on_mismatch', encodeU32le(code));
  trail.ok('purgatory-mismatch', TEXTS[action]);
}

function requireConduit(conduit: PsciConduit | undefined): PsciConduit {
  if (conduit !== undefined) return conduit;
  refuse('purgatory-mismatch', 'EINVAL', 'a reset was requested, and the machine has no PSCI');
}
