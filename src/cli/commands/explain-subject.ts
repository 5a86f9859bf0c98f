import { existsSync } from 'node:fs';
import { CHECKS, type Check } from '../../base/checks.js';
import { ERRNO, type Errno, parseErrno } from '../../base/errno.js';
import { refuse } from '../../base/error.js';
import { findSimilar } from '../../base/find-similar.js';

/** What `explain` is asked about. */
export type Subject =
  | { readonly check: Check; readonly isAlsoFile: boolean }
  | { readonly errno: Errno }
  | { readonly kernel: string };

/**
 * Finds what a word means. A check is written in lower case, an errno in capitals or as a number; a file of such a name
 * is written with a folder: `./EINVAL`. So the answer does not depend on the folder that the command runs in.
 *
 * @throws KexecError `file-access`, if the word is none of these; it names what may be meant.
 */
export function findSubject(word: string): Subject {
  const isFile = existsSync(word);
  if (isCheck(word)) return { check: word, isAlsoFile: isFile };
  if (/^(-?\d+|E[A-Z0-9]+)$/.test(word)) {
    const errno = parseErrno(word);
    if (errno !== undefined) return { errno };
  }
  if (!isFile && /^[\w-]+$/.test(word) && word !== '-') refuseUnknown(word);
  return { kernel: word };
}

function isCheck(word: string): word is Check {
  return Object.hasOwn(CHECKS, word);
}

function refuseUnknown(word: string): never {
  const checks = findSimilar(word, Object.keys(CHECKS));
  // The names of errnos are short, and resemble many words; but every one begins so.
  const errnos = /^e/i.test(word) ? findSimilar(word.toUpperCase(), Object.keys(ERRNO)) : [];
  const meant = [...checks, ...(word.startsWith('E') || checks.length === 0 ? errnos : [])];
  const cure =
    meant.length === 0
      ? 'check the name; docs/errors.md lists the checks and errnos'
      : `did you mean ${meant.join(' or ')}? docs/errors.md lists the checks and errnos`;
  refuse('file-access', 'ENOENT', `${word}: there is no such file, check or errno`, { cure });
}
