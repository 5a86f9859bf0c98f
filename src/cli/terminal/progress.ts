import type { SingleBar } from 'cli-progress';
import { beforeEnd } from '../../node/process/ending.js';

/** How long a command runs before it shows progress, in milliseconds. */
export const SILENT_MS = 1000;

/** A progress bar, or nothing where none is shown. */
export interface Progress {
  step(by?: number): void;
  /** Removes the bar until the next step, so that a line can be printed in its place. */
  hide(): void;
  stop(): void;
}

/**
 * Shows a progress bar on standard error, if that is a terminal and the work takes longer than a second.
 *
 * @param total - number of steps
 * @param done - words after "3 of 8": `verified`
 */
export function showProgress(total: number, done: string): Progress {
  let count = 0;
  let bar: SingleBar | undefined;
  let forget = (): void => {};
  const begin = async (): Promise<void> => {
    const { default: progress } = await import('cli-progress');
    bar = new progress.SingleBar({
      format: `{bar} {value} of {total} ${done}`,
      stream: process.stderr,
      clearOnComplete: true,
      // Else the first Ctrl-C would end the bar only.
      gracefulExit: false,
    });
    forget = beforeEnd(() => bar?.stop());
    bar.start(total, count);
  };
  const timer = process.stderr.isTTY ? setTimeout(begin, SILENT_MS) : undefined;
  return {
    step(by = 1) {
      count += by;
      if (bar?.isActive === false) bar.start(total, count);
      bar?.update(count);
    },
    hide() {
      if (bar?.isActive === true) bar.stop();
    },
    stop() {
      clearTimeout(timer);
      bar?.stop();
      forget();
    },
  };
}
