import type { Check } from '../base/checks.js';
import type { Errno } from '../base/errno.js';
import { parseErrno } from '../base/errno.js';
import { type ErrnoMeanings, FILE_LOAD_ERRNOS, SEGMENT_LOAD_ERRNOS } from '../kexec/call-errnos.js';
import { findChecksByErrno } from './candidates.js';
import { describeCheck, type NamedCheck } from './explanation.js';
import { KERNEL_LINES, TOOL_LINES } from './kernel-messages.js';

/** A message about kexec or kdump in a log, with all its repetitions. */
export interface LogMatch {
  /** The last line with this message. Every character that is not printable ASCII is replaced by "?". */
  readonly text: string;
  /** The number of the first line with this message, from 1. */
  readonly line: number;
  readonly times: number;
  /** The errno in the line. */
  readonly errno?: Errno;
  /** What the errno means for the system call that the line names. */
  readonly meaning?: string;
  /** The check that logs the message; if the line has only an errno, every check that can end in it. */
  readonly checks: readonly NamedCheck[];
}

/** The rest of a longer line is ignored. The kernel's own lines are shorter. */
const MAX_LINE_CHARACTERS = 1024;

/** If more checks can end in an errno, only that of the system call is reported. */
const MAX_CHECKS_LISTED = 5;

/** The errno after a message: "(-129)", "certificate -65", "failed: Invalid argument". */
const ERRNO_NUMBER = /\((-\d{1,3})\)|certificate (-\d{1,3})/;
const ERRNO_TEXT = /failed: (.{1,60})$/;

/** The meanings of errnos, for the messages of system calls. */
const MEANINGS: Partial<Record<Check, ErrnoMeanings>> = {
  'kexec-load': SEGMENT_LOAD_ERRNOS,
  'kexec-file-load': FILE_LOAD_ERRNOS,
};

/** The checks of messages, by the text that is searched for. `and` is the second text of a line, or empty. */
const MESSAGES: ReadonlyMap<string, { readonly check: Check; readonly and: string }> = new Map(
  [KERNEL_LINES, TOOL_LINES].flatMap((lines) =>
    (Object.keys(lines) as Check[]).flatMap((check) =>
      (lines[check] ?? []).map((piece) => {
        const [text, and] = typeof piece === 'string' ? [piece, ''] : piece;
        return [text, { check, and }] as const;
      }),
    ),
  ),
);

const PATTERN = new RegExp(
  [...MESSAGES.keys()].map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
);

/**
 * Finds messages about kexec and kdump in a log: dmesg, a journal, or the output of a serial console. It keeps one match
 * for each message and errno, so that a log may have any length.
 *
 * @example
 * ```ts
 * const log = new KernelLog();
 * for (const line of text.split('\n')) log.read(line);
 * console.log(log.matches);
 * ```
 */
export class KernelLog {
  readonly #matches = new Map<string, LogMatch>();
  #line = 0;

  /** The matches so far, in the order of their first lines. */
  get matches(): LogMatch[] {
    return [...this.#matches.values()];
  }

  /** The number of lines that were read. */
  get lines(): number {
    return this.#line;
  }

  /** Reads the next line. */
  read(text: string): void {
    this.#line += 1;
    const line = text.slice(0, MAX_LINE_CHARACTERS).trimEnd();
    const piece = PATTERN.exec(line)?.[0] ?? '';
    const message = MESSAGES.get(piece);
    if (message === undefined || !line.includes(message.and)) return;
    const errno = findErrno(line);
    const meaning = errno && MEANINGS[message.check]?.[errno];
    const key = `${piece}${errno}`;
    const before = this.#matches.get(key);
    this.#matches.set(key, {
      text: replaceUnprintable(line),
      line: before?.line ?? this.#line,
      times: (before?.times ?? 0) + 1,
      ...(errno === undefined ? {} : { errno }),
      ...(meaning === undefined ? {} : { meaning }),
      checks: findChecks(message.check, errno).map(describeCheck),
    });
  }
}

function findErrno(line: string): Errno | undefined {
  const number = ERRNO_NUMBER.exec(line);
  return parseErrno(number?.[1] ?? number?.[2] ?? ERRNO_TEXT.exec(line)?.[1] ?? '');
}

/** Finds the checks behind a line: that of its message, or those that can end in the errno of a failed call. */
function findChecks(check: Check, errno: Errno | undefined): Check[] {
  if (errno === undefined) return [check];
  if (check === 'signature') {
    const found = findChecksByErrno(errno, ['signature']);
    return found.length > 0 ? found : [check];
  }
  const found = check in MEANINGS ? findChecksByErrno(errno) : [];
  return found.length > 0 && found.length <= MAX_CHECKS_LISTED ? found : [check];
}

/** Anyone can write to a log: escape sequences must not reach the terminal. */
function replaceUnprintable(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, '?').trim();
}
