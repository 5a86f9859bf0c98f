import { CHECKS, type Check, type ErrnoOf } from './checks.js';
import type { Errno } from './errno.js';
import { hex } from './u64.js';

export { ERRNO, type Errno } from './errno.js';

/** Optional facts of a refusal. */
export interface RefusalContext {
  /** Position in the input, in bytes from its start. */
  readonly offset?: number | bigint | undefined;
  readonly cause?: unknown;
  /** What to do about this very cause, where the check has several. Without it, the check's own cure. */
  readonly cure?: string | undefined;
}

/**
 * What a refusal consists of: the check, an errno that this check declares, what was seen (a clause that can be
 * understood without the rule), and the context.
 *
 * The type is distributive: a `check` of union type does not admit an errno that only some of its members declare.
 */
export type RefusalArguments<C extends Check = Check> = C extends Check
  ? readonly [check: C, errno: ErrnoOf<C>, seen: string, context?: RefusalContext]
  : never;

/** A check, and an errno that it declares. */
export type RefusalKind<C extends Check = Check> = C extends Check
  ? { readonly check: C; readonly errno: ErrnoOf<C> }
  : never;

/**
 * The arguments of a {@link KexecError} of a kind that is known only at run time.
 *
 * The compiler has seen check and errno as a pair, but does not follow the pair through a destructuring.
 */
export function refusalArguments(
  { check, errno }: RefusalKind,
  seen: string,
  context?: RefusalContext,
): RefusalArguments {
  return [check, errno, seen, context] as unknown as RefusalArguments;
}

/**
 * The one error of this project: an input was refused.
 *
 * Its message says what was seen, where, and the rule; `errno` and `check` are for programs.
 */
export class KexecError extends Error {
  override readonly name = 'KexecError';
  readonly check: Check;
  readonly errno: Errno;
  readonly seen: string;
  readonly offset: bigint | undefined;
  /** What to do about this very cause; undefined if the check's own cure fits. {@link cure} chooses. */
  readonly ownCure: string | undefined;

  constructor(...[check, errno, seen, { offset, cause, cure } = {}]: RefusalArguments) {
    const where = offset === undefined ? '' : ` (at offset ${hex(offset)})`;
    const { rule, source } = CHECKS[check];
    super(`${seen}${where}; the rule: ${rule} (${source})`, cause === undefined ? {} : { cause });
    this.check = check;
    this.errno = errno;
    this.seen = seen + where;
    this.offset = offset === undefined ? undefined : BigInt(offset);
    // The same refusal in other words has the same cure.
    this.ownCure = cure ?? (cause instanceof KexecError && cause.check === check ? cause.ownCure : undefined);
  }

  /** What to do. */
  get cure(): string {
    return this.ownCure ?? CHECKS[this.check].cure;
  }

  /**
   * The same refusal in other words, for a caller that knows more: which file, which certificate. This error becomes
   * its cause.
   *
   * @example
   * ```ts
   * throw error.with(`${path}: ${error.seen}`);
   * ```
   */
  with(seen: string): KexecError {
    return new KexecError(...refusalArguments(this.kind, seen, { cause: this }));
  }

  /** Check and errno, which were a pair when this error was made. */
  get kind(): RefusalKind {
    return { check: this.check, errno: this.errno } as RefusalKind;
  }
}

/**
 * Refuses an input.
 *
 * @throws KexecError always
 * @example
 * ```ts
 * refuse('cpio-entry', 'EINVAL', `cpio archive: ${name} has no end`, { offset });
 * ```
 */
export function refuse(...refusal: RefusalArguments): never {
  throw new KexecError(...refusal);
}

/**
 * Runs an action that may refuse its input.
 *
 * @returns what the action returns, or the refusal. Other errors are thrown: they are faults of this program.
 * @example
 * ```ts
 * const header = attempt(() => parseImageHeader(bytes));
 * if (header instanceof KexecError) return undefined;
 * ```
 */
export function attempt<T>(action: () => T): T | KexecError {
  try {
    return action();
  } catch (error) {
    if (error instanceof KexecError) return error;
    throw error;
  }
}

/** {@link attempt} for an action that ends later. */
export async function attemptAsync<T>(action: () => Promise<T>): Promise<T | KexecError> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof KexecError) return error;
    throw error;
  }
}
