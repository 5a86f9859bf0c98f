import { KexecError } from '../../../base/error.js';
import { formatSize } from '../../../base/sizes.js';
import { findIncomplete } from '../../../node/files/incomplete-file.js';
import { sayWhatIsLeft } from '../../terminal/what-is-left.js';
import type { Messages } from './messages.js';

/**
 * Runs work on files that have another name until they are complete, and says what it leaves if it does not succeed.
 *
 * @throws as `work` does.
 */
export async function sayWhatIsIncomplete<Result>(
  outputs: readonly string[],
  messages: Messages,
  work: () => Promise<Result>,
): Promise<Result> {
  const describe = (): string | undefined => describeIncomplete(outputs);
  try {
    return await sayWhatIsLeft(describe, work, (sentence) => messages.complain(sentence));
  } catch (error) {
    const left = error instanceof KexecError ? describe() : undefined;
    if (left !== undefined) messages.complain(`the dump is incomplete: ${left}`);
    throw error;
  }
}

/** @returns undefined if nothing is left */
function describeIncomplete(outputs: readonly string[]): string | undefined {
  const left = outputs.flatMap((output) => {
    const file = findIncomplete(output);
    return file === undefined ? [] : [`${file.path} has ${formatSize(file.size)} of the dump`];
  });
  return left.length === 0 ? undefined : left.join('; ');
}
