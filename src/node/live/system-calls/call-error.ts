import type { Check } from '../../../base/checks.js';
import { ERRNO, type Errno, KexecError, type RefusalKind, refusalArguments } from '../../../base/error.js';
import type { ErrnoMeanings } from '../../../kexec/call-errnos.js';

/** A system call that failed. */
export interface Call {
  readonly check: Check;
  /** The name and every argument, as in C. */
  readonly text: string;
  /** The possible causes of each errno. */
  readonly meanings: ErrnoMeanings;
  /** Finds the actual cause of an errno; undefined if that is unknown. */
  readonly findCause?: (errno: Errno) => string | undefined;
}

/**
 * Builds the error of a system call: the call, its arguments, the errno and its cause.
 *
 * @param number - the errno, not 0
 */
export function buildCallError({ check, text, meanings, findCause }: Call, number: number): KexecError {
  const errno = findErrnoName(number);
  const why = errno && (findCause?.(errno) ?? meanings[errno]);
  const seen = `${text} = -1, ${errno ?? 'errno'} (${number})${why === undefined ? '' : `: ${why}`}`;
  // The kernel may answer with an errno that no check declares.
  const kind = { check, errno: errno ?? 'EIO' } as RefusalKind;
  return new KexecError(...refusalArguments(kind, seen));
}

function findErrnoName(number: number): Errno | undefined {
  return (Object.keys(ERRNO) as Errno[]).find((name) => ERRNO[name] === number);
}
