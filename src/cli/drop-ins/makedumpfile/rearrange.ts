import { rearrangeDump } from '../../../node/vmcore/rearrange-dump.js';
import { line } from '../../../view/text/printable.js';
import { DASH, type RearrangeRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';
import { sayWhatIsIncomplete } from './say-what-is-incomplete.js';

/**
 * Makes a dump of a flattened one on standard input.
 *
 * @returns true
 * @throws KexecError, as {@link rearrangeDump}.
 */
export async function rearrange({ output, force }: RearrangeRequest, messages: Messages): Promise<boolean> {
  await sayWhatIsIncomplete([output], messages, () => rearrangeDump(DASH, output, { overwrite: force }));
  messages.print('results', line``);
  messages.print('results', line`The dumpfile is saved to ${output}.`);
  return true;
}
