import { attempt, KexecError } from '../base/error.js';
import type { Trail } from '../base/trail.js';
import { hasMagic } from '../formats/magics.js';
import { parsePe } from '../formats/pe/parse.js';
import type { Policy } from '../trust/policy.js';

/** What the kernel makes of a damaged PE file, and why that is not safe. */
const UNCHECKED =
  'the running kernel checks none of this and loads the file, which is damaged: firmware does not start it, and if code is ' +
  'missing, it crashes after the jump';

/**
 * Checks the PE file that an Image is, too. The kernel does not: it enters an Image by its own header. So under
 * `as-kernel` what is wrong is a note; under all other policies it is refused, because a file that was cut short, or
 * changed, fails only after the running kernel has ended.
 *
 * @throws KexecError `ELIBBAD`, as `parsePe()`
 */
export function checkPe(kernel: Uint8Array, policy: Policy | undefined, trail: Trail): void {
  if (!hasMagic(kernel, 'mz')) return;
  const pe = attempt(() => parsePe(kernel));
  if (pe instanceof KexecError) {
    if (policy !== 'as-kernel') throw pe.with(`${pe.seen}; ${UNCHECKED}, and this project refuses it`);
    trail.note(pe.check, `${pe.seen}; ${UNCHECKED}`);
    return;
  }
  const { sections, certificates } = pe;
  const count = certificates.length === 1 ? '1 certificate' : `${certificates.length} certificates`;
  trail.ok('pe-section', `a PE file with ${sections.length} sections and ${count}`, [
    'pe-header',
    'pe-directory',
    'pe-certificates',
  ]);
}
