import { CHECKS, type ErrnoOf } from '../../base/checks.js';
import { KexecError, refuse } from '../../base/error.js';

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
  const isRead = what.startsWith('cannot read');
  const cure = isRead
    ? (READ_CURES[errno] ?? 'check the path and its permissions')
    : (WRITE_CURES[errno] ?? 'check the path, its permissions and the free space');
  return new KexecError('file-access', errno, `${what}: ${(isRead && READ_TEXTS[errno]) || text}`, {
    cause,
    cure,
  });
}

/**
 * Refuses the empty name of a file, which a shell gives for a variable that is not set.
 *
 * @param what - what cannot be done: `cannot write the file of --svg`
 * @throws KexecError `ENOENT`, check `file-access`.
 */
export function requireName(path: string, what: string): void {
  if (path !== '') return;
  refuse('file-access', 'ENOENT', `${what}: its name is empty`, {
    cure: 'give a name; in a script, check that the variable is set',
  });
}

/** What is wrong with a file that cannot be read, where the system's words are long. */
const READ_TEXTS: Cures = { ENOENT: 'no such file', EISDIR: 'it is a folder' };

type Cures = Readonly<Partial<Record<ErrnoOf<'file-access'>, string>>>;

/** What to do about a folder where a file is read or written. */
export const NOT_A_FOLDER = 'give a file, not a folder';

/** What to do if a file cannot be read. */
const READ_CURES: Cures = {
  ENOENT: 'check the name',
  ENOTDIR: 'check the path: a part of it is no folder',
  EISDIR: NOT_A_FOLDER,
  EACCES: 'run it as a user who may read the file',
  EPERM: 'run it as a user who may read the file',
  EIO: 'check the disk that the file is on',
};

/** What to do if a file cannot be written or renamed. */
const WRITE_CURES: Cures = {
  ENOENT: 'make the folder first, or check its name',
  ENOTDIR: 'check the path: a part of it is no folder',
  EISDIR: NOT_A_FOLDER,
  EACCES: 'write to a folder in which this user may write',
  EPERM: 'write to a folder in which this user may write',
  ENOSPC: 'free space, or write to another file system',
  EDQUOT: 'free space, or write to another file system',
  EROFS: 'write to another file system',
  EPIPE: 'look at the messages of the program that reads the pipe: it has ended',
  EIO: 'check the disk that the file is on',
};

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
