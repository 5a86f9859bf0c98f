import type { Arm64Machine } from '../../../machine/arm64/arm64-machine.js';
import type { PurgatoryOptions } from '../../hand-over-options.js';
import type { PlacementInProgress } from '../../load-in-progress.js';
import type { Purgatory } from '../../purgatory/purgatory.js';

/** Purgatory before it is linked: the program, how it must hand over, and the placement that it ends. */
export interface PurgatorySetup {
  readonly purgatory: Purgatory;
  readonly options: PurgatoryOptions;
  readonly placement: PlacementInProgress<Arm64Machine>;
}
