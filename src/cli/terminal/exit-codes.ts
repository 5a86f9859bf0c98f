/** The exit codes of every command. */

/** The input was refused, or what was asked for is not so. */
export const REFUSED = 1;

/** Wrong usage. */
export const USAGE = 2;

/** An error of the program itself: `EX_SOFTWARE` of sysexits(3). */
export const INTERNAL_ERROR = 70;

/** What a shell adds to the number of the signal that ended a program. */
export const SIGNAL_BASE = 128;

/** The reader of the output is gone: what a shell reports of a program that SIGPIPE ends. */
export const READER_IS_GONE = SIGNAL_BASE + 13;

/** The table in `--help` and in docs/command-line.md. */
export const EXIT_CODES = [
  { term: '0', text: 'the command did what was asked; the input is accepted' },
  { term: String(REFUSED), text: 'the input is refused, or what was asked for was not done' },
  { term: String(USAGE), text: 'wrong usage' },
  { term: String(INTERNAL_ERROR), text: 'an error of this program' },
  {
    term: `${SIGNAL_BASE}+n`,
    text: `signal n ended the command: 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP; ${READER_IS_GONE}: the reader of its output is gone`,
  },
] as const;
