import { CHECKS, type Check, type ErrnoOf } from './checks.js';
import type { Errno } from './errno.js';
import { hex } from './u64.js';

export { ERRNO, type Errno } from './errno.js';

export interface KexecErrorFacts<C extends Check = Check> {
  readonly check: C;
  /** One that the check declares. */
  readonly errno: ErrnoOf<C>;
  /** What was found, in words and figures: a clause that needs no rule to be understood. */
  readonly seen: string;
  /** Where in the input, in bytes from its start. */
  readonly offset?: number | bigint;
  readonly cause?: unknown;
}

/**
 * The one error of this project: an input was refused.
 *
 * Its message tells what was seen, where, and the rule; `errno` and `check` are for programs.
 */
export class KexecError<C extends Check = Check> extends Error {
  override readonly name = 'KexecError';
  readonly check: Check;
  readonly errno: Errno;
  readonly seen: string;
  readonly offset: bigint | undefined;

  constructor(facts: KexecErrorFacts<C>) {
    const where = facts.offset === undefined ? '' : ` (at offset ${hex(facts.offset)})`;
    const { rule, source } = CHECKS[facts.check];
    super(`${facts.seen}${where}; the rule: ${rule} (${source})`, { cause: facts.cause });
    this.check = facts.check;
    this.errno = facts.errno;
    this.seen = facts.seen + where;
    this.offset = facts.offset === undefined ? undefined : BigInt(facts.offset);
  }
}
