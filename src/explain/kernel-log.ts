import type { Check } from '../base/checks.js';
import type { Errno } from '../base/errno.js';
import { parseErrno } from '../base/errno.js';
import { type ErrnoMeanings, FILE_LOAD_ERRNOS, SEGMENT_LOAD_ERRNOS } from '../kexec/call-errnos.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { findChecksByErrno } from './candidates.js';
import { adviseCure } from './causes/advise-cure.js';
import type { Severity } from './causes/cause.js';
import { type ErrnoCause, findErrnoCauses } from './causes/errno-causes.js';
import type { Denial } from './denials/denial.js';
import { readDenial } from './denials/read-denial.js';
import { describeCheck, type NamedCheck } from './explanation.js';
import { findCause } from './find-cause.js';
import { readLogMessages } from './log-message.js';

/** A line of a log. */
export interface LogLine {
  /** The message as it is in the log, without colour; views escape it. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** All lines of a log that have one cause. */
export interface LogMatch extends LogLine {
  /** The name of the cause. */
  readonly cause: string;
  readonly severity: Severity;
  readonly times: number;
  /** The last line, if there are several; `text` and `line` are those of the first. */
  readonly last?: LogLine;
  /** The errno in the line, or that the denial led to. */
  readonly errno?: Errno;
  /** What happened: the cause, or the errno for the system call that the line names. */
  readonly meaning?: string;
  /**
   * The check behind the line, with the cure of this cause; if there is only an errno, every check that can end in it.
   */
  readonly checks: readonly LogCheck[];
}

/** A check behind a line; with the causes for which it ends in the errno of the line, if there are several. */
export interface LogCheck extends NamedCheck {
  readonly causes?: readonly ErrnoCause[];
}

/** What a log is explained with. */
export interface KernelLogOptions {
  /** The machine that logged: cures name its boot loader, and what `crashkernel=` suits it. */
  readonly machine?: MachineFacts | undefined;
}

/** The rest of a longer line is ignored: a record of a journal in JSON has some thousand characters. */
const MAX_LINE_LENGTH = 16384;

/** The rest of a longer message is ignored. The longest records, those of the audit system, are shorter. */
const MAX_MESSAGE_LENGTH = 4096;

/** Of a log that someone filled with denials of ever new names, only so many causes are listed. */
const MAX_MATCHES = 500;

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

/** A cause, before lines of it are counted. */
type Found = Omit<LogMatch, 'text' | 'line' | 'times' | 'last'> & { readonly key: string };

/**
 * Finds messages about kexec and kdump in a log: dmesg, a journal, syslog, the audit log, or the output of a serial
 * console. It keeps one match for each cause and errno, so that a log may have any length.
 *
 * @example
 * ```ts
 * const log = new KernelLog();
 * for (const line of text.split('\n')) log.read(line);
 * console.log(log.matches);
 * ```
 */
export class KernelLog {
  readonly #options: KernelLogOptions;
  readonly #matches = new Map<string, LogMatch>();
  #line = 0;
  #omitted = 0;
  readonly #kernel = new LoggingKernel();
  /** The last denial that led to an errno: it is why a call that fails with it failed. */
  readonly #denials = new Map<Errno, { readonly check: Check; readonly line: number }>();

  constructor(options: KernelLogOptions = {}) {
    this.#options = options;
  }

  /** The matches so far, in the order of their first lines. */
  get matches(): LogMatch[] {
    return [...this.#matches.values()];
  }

  /** The number of lines that were read. */
  get lines(): number {
    return this.#line;
  }

  /** The number of lines whose cause is not among the matches, because there are too many causes. */
  get omitted(): number {
    return this.#omitted;
  }

  /** Reads the next line. */
  read(text: string): void {
    this.#line += 1;
    for (const message of readLogMessages(text.slice(0, MAX_LINE_LENGTH)))
      this.#readMessage(message.slice(0, MAX_MESSAGE_LENGTH));
  }

  #readMessage(text: string): void {
    this.#kernel.read(text);
    const denial = readDenial(text);
    const found = denial === undefined ? this.#explainCause(text) : explainDenial(denial);
    if (found === undefined) return;
    const isCall = denial !== undefined && denial.check in MEANINGS;
    if (denial?.errno !== undefined && !isCall)
      this.#denials.set(denial.errno, { check: denial.check, line: this.#line });
    const { key, ...match } = found;
    const line = { text, line: this.#line };
    const before = this.#matches.get(key);
    if (before !== undefined) this.#matches.set(key, { ...before, times: before.times + 1, last: line });
    else if (this.#matches.size < MAX_MATCHES) this.#matches.set(key, { ...line, times: 1, ...match });
    else this.#omitted += 1;
  }

  #explainCause(text: string): Found | undefined {
    const found = findCause(text, this.#kernel.isCrashKernel);
    if (found === undefined) return undefined;
    const { name, cause } = found;
    const errno = findErrno(text);
    const isCall = cause.check in MEANINGS;
    const denial = isCall && errno !== undefined ? this.#denials.get(errno) : undefined;
    const meaning =
      denial === undefined
        ? ((errno && MEANINGS[cause.check]?.[errno]) ?? cause.meaning)
        : `the denial in line ${denial.line} leads to it`;
    const checks = denial === undefined ? describeChecks(cause.check, errno) : [describeCheck(denial.check)];
    const [only] = checks;
    const cure =
      denial === undefined
        ? adviseCure(cause, cause.cure ?? only?.cure ?? '', this.#options.machine)
        : `do what is said about line ${denial.line}`;
    return {
      key: `${name} ${errno} ${denial?.check}`,
      cause: name,
      severity: cause.severity,
      ...(errno === undefined ? {} : { errno }),
      ...(meaning === undefined ? {} : { meaning }),
      checks: only !== undefined && checks.length === 1 ? [{ ...only, cure }] : checks,
    };
  }
}

/** Which kernel logs: a crash kernel has little memory, and what is usual there is not elsewhere. */
class LoggingKernel {
  #isCrashKernel = false;
  #startsCrashKernel = false;

  get isCrashKernel(): boolean {
    return this.#isCrashKernel;
  }

  read(text: string): void {
    if (text.includes('Starting crashdump kernel')) this.#startsCrashKernel = true;
    if (text.includes('Linux version ')) {
      this.#isCrashKernel = this.#startsCrashKernel;
      this.#startsCrashKernel = false;
    }
    if (/of memory at 0x[0-9a-f]{1,16} for elfcorehdr|Kernel command line: .*\belfcorehdr=/.test(text))
      this.#isCrashKernel = true;
  }
}

function explainDenial(denial: Denial): Found {
  const { cause, subject, severity, meaning, errno, check, cure } = denial;
  const isCall = check in MEANINGS && errno !== undefined;
  const checks = isCall ? describeChecks(check, errno) : [{ ...describeCheck(check), cure }];
  return {
    key: `${cause} ${subject} ${errno}`,
    cause,
    severity,
    meaning: isCall ? `${meaning}: ${MEANINGS[check]?.[errno] ?? 'see the errno'}` : meaning,
    ...(errno === undefined ? {} : { errno }),
    checks,
  };
}

function findErrno(line: string): Errno | undefined {
  const number = ERRNO_NUMBER.exec(line);
  return parseErrno(number?.[1] ?? number?.[2] ?? ERRNO_TEXT.exec(line)?.[1] ?? '');
}

/** Finds the checks behind a line: that of its cause, or those that can end in the errno of a failed call. */
function findChecks(check: Check, errno: Errno | undefined): Check[] {
  if (errno === undefined) return [check];
  if (check === 'signature') {
    const found = findChecksByErrno(errno, ['signature']);
    return found.length > 0 ? found : [check];
  }
  const found = check in MEANINGS ? findChecksByErrno(errno) : [];
  return found.length > 0 && found.length <= MAX_CHECKS_LISTED ? found : [check];
}

function describeChecks(check: Check, errno: Errno | undefined): LogCheck[] {
  return findChecks(check, errno).map((found) => {
    const causes = errno === undefined ? [] : findErrnoCauses(found, errno);
    return { ...describeCheck(found), ...(causes.length === 0 ? {} : { causes }) };
  });
}
