import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { showProgress } from './progress.js';

const MIB = 1 << 20;

const DONE = { look: 'MiB examined', compare: 'MiB compared', save: 'MiB saved' } as const;

/** A bar for each phase of a save, in MiB of memory, as {@link showProgress} shows it. */
export class PhaseBar {
  #phase: SaveProgress['phase'] | undefined;
  #bar: ReturnType<typeof showProgress> | undefined;
  #shown = 0;

  show({ phase, done, total }: SaveProgress): void {
    if (phase !== this.#phase) {
      this.stop();
      this.#phase = phase;
      this.#shown = 0;
      this.#bar = showProgress(Math.ceil(total / MIB), DONE[phase]);
    }
    const reached = Math.floor(done / MIB);
    if (reached > this.#shown) this.#bar?.step(reached - this.#shown);
    this.#shown = Math.max(this.#shown, reached);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
