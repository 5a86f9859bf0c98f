import type { SingleBar } from 'cli-progress';

/** How long a command may take before it tells how far it is, in milliseconds. */
const PATIENCE = 1000;

/** Tells on a terminal how far long work is; elsewhere, and before a second has passed, it says nothing. */
export function showProgress(total: number, done: string): { step(by?: number): void; stop(): void } {
  let count = 0;
  let bar: SingleBar | undefined;
  const begin = async (): Promise<void> => {
    const { default: progress } = await import('cli-progress');
    bar = new progress.SingleBar({
      format: `{bar} {value} of {total} ${done}`,
      stream: process.stderr,
      clearOnComplete: true,
    });
    bar.start(total, count);
  };
  const timer = process.stderr.isTTY ? setTimeout(begin, PATIENCE) : undefined;
  return {
    step(by = 1) {
      count += by;
      bar?.update(count);
    },
    stop() {
      clearTimeout(timer);
      bar?.stop();
    },
  };
}
