import { encodeU32le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import type { Trail } from '../../../base/trail.js';
import type { Fdt } from '../../../formats/fdt/tree.js';
import { psciConduitOf } from '../../../machine/console.js';
import type { OnMismatch } from '../../hand-over-options.js';
import type { KimageType } from '../../kimage.js';
import type { Purgatory } from './purgatory.js';

/** As macros.inc numbers them. */
const ACTIONS = { halt: 0, hvc: 1, smc: 2, continue: 3 } as const;

const TEXTS: Readonly<Record<OnMismatch, string>> = {
  halt: 'if a segment is not what was loaded, purgatory halts',
  reset: 'if a segment is not what was loaded, purgatory resets the machine',
  continue:
    'if a segment is not what was loaded, purgatory says so and enters the kernel all the same, as asked',
};

/**
 * Tells purgatory what to do when a segment is not what was loaded.
 *
 * @param asked - if left out, a reset where the machine has PSCI; but a crash kernel that does not start leaves the
 *   crashed one's memory for who comes to look
 * @param tree - the machine's
 * @throws KexecError `EINVAL`, check `purgatory-mismatch`, if a reset is asked for and the machine has no PSCI.
 */
export function setMismatch(
  purgatory: Purgatory,
  asked: OnMismatch | undefined,
  type: KimageType,
  tree: Fdt,
  trail: Trail,
): void {
  const conduit = psciConduitOf(tree);
  const action = asked ?? (type === 'default' && conduit !== undefined ? 'reset' : 'halt');
  purgatory.setSymbol('on_mismatch', encodeU32le(ACTIONS[action === 'reset' ? resetBy(conduit) : action]));
  trail.ok('purgatory-mismatch', TEXTS[action]);
}

function resetBy(conduit: 'hvc' | 'smc' | undefined): 'hvc' | 'smc' {
  if (conduit !== undefined) return conduit;
  refuse('purgatory-mismatch', 'EINVAL', 'a reset was asked for, and the machine has no PSCI');
}
