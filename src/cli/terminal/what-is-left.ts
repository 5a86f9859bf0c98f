import { beforeEnd, receivedSignal } from '../../node/process/ending.js';
import { complain } from './complain.js';

/**
 * Runs work that a signal may end, and then says what it left and how to resume.
 *
 * @param describe - after `stopped by SIGINT: `; undefined if there is nothing to say
 * @param say - prints a sentence on standard error
 */
export async function sayWhatIsLeft<Result>(
  describe: () => string | undefined,
  work: () => Promise<Result>,
  say: (sentence: string) => void = complain,
): Promise<Result> {
  const forget = beforeEnd((signal) => {
    const left = signal === undefined ? undefined : describe();
    if (left !== undefined) say(`stopped by ${signal}: ${left}`);
  });
  try {
    return await work();
  } finally {
    // Work that was stopped ends in order; the process is ended after it.
    if (receivedSignal() === undefined) forget();
  }
}
