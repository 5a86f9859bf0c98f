import { ProgressTenths } from '../../../node/vmcore/progress-lines.js';
import { line } from '../../../view/text/printable.js';
import type { SaveProgress } from '../../../vmcore/save/dump-target.js';
import { printError } from '../../terminal/output.js';
import { PhaseBar } from '../../terminal/phase-bar.js';

/** The names of the steps, as makedumpfile prints them where it has such a step. */
const STEPS = {
  look: 'Excluding unnecessary pages',
  compare: 'Comparing data',
  save: 'Copying data',
} as const;

/** Width of the column of names. */
const COLUMN = 50;

/** Shows the progress of a save on standard error. */
export interface ProgressView {
  show(progress: SaveProgress): void;
  /** Shows that all is done. */
  complete(): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere, such as on a console that logs, a line for each tenth. */
export function createProgressView(): ProgressView {
  return process.stderr.isTTY === true ? new ProgressBar() : new ProgressLines();
}

class ProgressBar extends PhaseBar implements ProgressView {
  complete(): void {
    this.stop();
  }
}

class ProgressLines implements ProgressView {
  readonly #tenths = new ProgressTenths();

  show(progress: SaveProgress): void {
    const reached = this.#tenths.reach(progress);
    if (reached === undefined) return;
    const { phase, share, secondsLeft } = reached;
    const percent = (share * 100).toFixed(1).padStart(5);
    printError(line`${STEPS[phase].padEnd(COLUMN)}: [${percent} %]  eta: ${secondsLeft}s`);
  }

  complete(): void {
    this.show({ phase: 'save', done: 1, total: 1 });
  }

  stop(): void {}
}
