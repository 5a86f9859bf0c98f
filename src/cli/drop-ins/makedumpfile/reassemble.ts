import { reassembleDump } from '../../../node/vmcore/split-vmcore.js';
import { line } from '../../../view/text/printable.js';
import type { ReassembleRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';
import { createProgressView } from './progress-view.js';
import { sayWhatIsIncomplete } from './say-what-is-incomplete.js';

/**
 * Makes one dump of the parts of a split one.
 *
 * @returns true
 * @throws KexecError, as {@link reassembleDump}.
 */
export async function reassemble(
  { parts, output, force }: ReassembleRequest,
  messages: Messages,
): Promise<boolean> {
  const progress = messages.has('progress') ? createProgressView() : undefined;
  try {
    await sayWhatIsIncomplete([output], messages, () =>
      reassembleDump(parts, output, { overwrite: force }, (step) => progress?.show(step)),
    );
    progress?.complete();
  } finally {
    progress?.stop();
  }
  messages.print('results', line``);
  messages.print('results', line`The dumpfile is saved to ${output}.`);
  return true;
}
