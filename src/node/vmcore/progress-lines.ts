import { formatSize } from '../../base/sizes.js';
import type { SaveProgress } from '../../vmcore/save/dump-target.js';

/** Where nothing moves the cursor, such as on a console that logs, a line appears at each of these parts. */
const PARTS = 10;

const WORDS = { look: 'examined', compare: 'compared', save: 'saved' } as const;

/** A tenth of a phase of a save that was reached. */
export interface ReachedTenth extends SaveProgress {
  /** From 0 to 1. */
  readonly share: number;
  /** How long the rest of the phase takes, if it goes on as before. */
  readonly secondsLeft: number;
}

/** Finds the moments at which a line about a save is due. */
export class ProgressTenths {
  #phase: SaveProgress['phase'] | undefined;
  #start = 0;
  #part = 0;

  /** @param now - in milliseconds */
  reach(progress: SaveProgress, now = performance.now()): ReachedTenth | undefined {
    const { phase, done, total } = progress;
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#start = now;
      this.#part = 0;
    }
    const share = total === 0 ? 1 : done / total;
    const part = Math.floor(share * PARTS);
    if (part <= this.#part) return undefined;
    this.#part = part;
    const secondsLeft = Math.round(((now - this.#start) / 1000) * (1 / share - 1));
    return { ...progress, share, secondsLeft };
  }
}

/** Reports the progress of a save as sentences, one for each tenth of a phase. */
export class ProgressLines {
  readonly #say: (sentence: string) => void;
  readonly #tenths = new ProgressTenths();

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  show(progress: SaveProgress): void {
    const reached = this.#tenths.reach(progress);
    if (reached === undefined) return;
    const { phase, done, total, secondsLeft } = reached;
    const left = secondsLeft > 0 ? `, ${secondsLeft} s left` : '';
    this.#say(`${formatSize(done)} of ${formatSize(total)} ${WORDS[phase]}${left}`);
  }

  stop(): void {}
}
