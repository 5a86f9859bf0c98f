import type { Check } from '../base/checks.js';
import type { Errno } from '../base/errno.js';
import { parseErrno } from '../base/errno.js';
import { type ErrnoMeanings, FILE_LOAD_ERRNOS, SEGMENT_LOAD_ERRNOS } from '../kexec/call-errnos.js';
import { findChecksByErrno } from './candidates.js';
import { describeCheck, type NamedCheck } from './explanation.js';
import { KERNEL_LINES, TOOL_LINES } from './kernel-messages.js';

/** What a kernel's log says of kexec: a message, however often it is there. */
export interface LogMatch {
  /** The line, as it was there last, without what is not to be printed. */
  readonly text: string;
  /** Where it was first, from 1. */
  readonly line: number;
  readonly times: number;
  /** The errno that the line tells. */
  readonly errno?: Errno;
  /** What a system call gives that errno for, where the line is of one. */
  readonly meaning?: string;
  /** The check that it is of; where the line tells an errno alone, every check that can have ended in it. */
  readonly checks: readonly NamedCheck[];
}

/** Of a line, more is not looked at: the kernel's own are shorter. */
const MAX_LINE_CHARACTERS = 1024;

/** Checks that may be behind an errno, for each to be told. */
const MAX_CHECKS_LISTED = 5;

/** What is behind a message: "(-129)", "failed: Invalid argument". */
const NUMBER = /\((-\d{1,3})\)|certificate (-\d{1,3})/;
const PERROR = /failed: (.{1,60})$/;

/** Lines of system calls. */
const MEANINGS: Partial<Record<Check, ErrnoMeanings>> = {
  'kexec-load': SEGMENT_LOAD_ERRNOS,
  'kexec-file-load': FILE_LOAD_ERRNOS,
};

/** What a line is of, by the piece that is looked for. */
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
 * Reads the log of a kernel line by line: dmesg, the journal, or what came over a serial line. It holds one match a
 * message and errno, so that a log may be of any length.
 */
export class KernelLog {
  readonly #matches = new Map<string, LogMatch>();
  #line = 0;

  /** What was found, in the order of its first lines. */
  get matches(): LogMatch[] {
    return [...this.#matches.values()];
  }

  /** How many lines were read. */
  get lines(): number {
    return this.#line;
  }

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
  const number = NUMBER.exec(line);
  return parseErrno(number?.[1] ?? number?.[2] ?? PERROR.exec(line)?.[1] ?? '');
}

/** Where a line tells an errno alone, the checks that it can be of, unless they are too many to help. */
function findChecks(check: Check, errno: Errno | undefined): Check[] {
  if (errno === undefined) return [check];
  const found = check === 'signature' ? findChecksByErrno(errno, ['signature']) : [];
  const few = check in MEANINGS ? findChecksByErrno(errno) : [];
  if (few.length > 0 && few.length <= MAX_CHECKS_LISTED) return few;
  return found.length > 0 ? found : [check];
}

/** A line of a log may have been written by anybody: nothing of it steers the terminal. */
function replaceUnprintable(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, '?').trim();
}
