import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';

/** How long a save runs before other work of this process gets a turn. */
const MAX_TURN_MILLISECONDS = 50;

/**
 * Runs a save, and lets other work of this process have its turns.
 *
 * @param onProgress - called from time to time
 * @throws as the save does.
 */
export async function runSave<Result>(
  steps: Generator<SaveProgress, Result>,
  onProgress: (progress: SaveProgress) => void,
): Promise<Result> {
  let turnStart = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - turnStart < MAX_TURN_MILLISECONDS) continue;
    onProgress(step.value);
    await yieldToEventLoop();
    turnStart = performance.now();
  }
}
