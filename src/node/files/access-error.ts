import { CHECKS, type ErrnoOf } from '../../base/checks.js';
import { KexecError } from '../../base/error.js';

/** Errnos of the operating system that have a name here. */
const KNOWN_ERRNOS: readonly string[] = CHECKS['file-access'].errnos;

/**
 * Turns an error of Node's file functions into a refusal.
 *
 * @param what - what failed: `cannot read vmlinux`
 * @param cause - what was thrown; a refusal is returned as it is
 * @returns check `file-access`, with the system's errno; `EIO` for one that this project does not name
 */
export function toAccessError(what: string, cause: unknown): KexecError {
  if (cause instanceof KexecError) return cause;
  const { code, message, syscall } = cause as NodeJS.ErrnoException;
  const isKnown = code !== undefined && KNOWN_ERRNOS.includes(code);
  const errno = isKnown ? (code as ErrnoOf<'file-access'>) : 'EIO';
  // Node's message is "ENOENT: no such file or directory, open 'vmlinux'": the middle is what is not known yet.
  const text = isKnown
    ? message.replace(`${code}: `, '').replace(new RegExp(`, ${syscall}.*$`, 's'), '')
    : message;
  const isMissing = errno === 'ENOENT' && what.startsWith('cannot read');
  return new KexecError('file-access', errno, `${what}: ${isMissing ? 'no such file' : text}`, { cause });
}

/**
 * Runs an action on files.
 *
 * @param what - what has failed if the action throws: `cannot read vmlinux`
 * @returns what the action returns
 * @throws KexecError `file-access`, with the system's errno; a KexecError of the action is thrown as it is.
 */
export function tryAccess<Result>(what: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw toAccessError(what, cause);
  }
}
