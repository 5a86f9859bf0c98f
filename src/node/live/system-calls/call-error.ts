import type { Check } from '../../../base/checks.js';
import { ERRNO, type Errno, KexecError, type RefusalKind, refusalArguments } from '../../../base/error.js';
import type { ErrnoMeanings } from '../../../kexec/call-errnos.js';

/** A system call as it was made: what its error tells. */
export interface Call {
  readonly check: Check;
  /** Its name and every argument, as in C. */
  readonly text: string;
  readonly meanings: ErrnoMeanings;
  /** The one cause among those that an errno can have, where it can be found out. */
  readonly findCause?: (errno: Errno) => string | undefined;
}

/**
 * The error of a system call: the call, its arguments, the errno and what it comes of.
 *
 * @param number - the errno, not 0
 */
export function callError({ check, text, meanings, findCause }: Call, number: number): KexecError {
  const errno = nameOf(number);
  const why = errno && (findCause?.(errno) ?? meanings[errno]);
  const seen = `${text} = -1, ${errno ?? 'errno'} (${number})${why === undefined ? '' : `: ${why}`}`;
  // The kernel may answer with an errno that no check declares.
  const kind = { check, errno: errno ?? 'EIO' } as RefusalKind;
  return new KexecError(...refusalArguments(kind, seen));
}

function nameOf(number: number): Errno | undefined {
  return (Object.keys(ERRNO) as Errno[]).find((name) => ERRNO[name] === number);
}
