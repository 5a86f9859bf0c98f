import { formatSize } from '../../base/sizes.js';
import type { SaveProgress } from '../../vmcore/save/dump-target.js';

/** A console that nobody scrolls gets a line at each of these parts. */
const PARTS = 10;

const WORDS = { look: 'examined', compare: 'compared', save: 'saved' } as const;

/** Reports the progress of a save as sentences, one for each tenth of a phase. */
export class ProgressLines {
  readonly #say: (sentence: string) => void;
  #phase: SaveProgress['phase'] | undefined;
  #part = 0;

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  show({ phase, done, total }: SaveProgress): void {
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#part = 0;
    }
    const part = total === 0 ? 0 : Math.floor((done / total) * PARTS);
    if (part <= this.#part) return;
    this.#part = part;
    this.#say(`${formatSize(done)} of ${formatSize(total)} ${WORDS[phase]}`);
  }
}
