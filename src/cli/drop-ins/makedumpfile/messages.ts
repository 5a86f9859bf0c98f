import type { KexecError } from '../../../base/error.js';
import { line, type Printable } from '../../../view/text/printable.js';
import { formatError } from '../../terminal/format-error.js';
import { printError, printText } from '../../terminal/output.js';
import { errorView } from '../../terminal/screen.js';

/** Kinds of messages, by their numbers of `--message-level`, which are added up. */
export const MESSAGE_LEVELS = { progress: 1, results: 2, errors: 4, details: 8, report: 16 } as const;

/** Progress, results and errors. */
export const DEFAULT_MESSAGES = 7;
export const ALL_MESSAGES = 31;

/** Which messages are printed. */
export interface MessageChoice {
  /** {@link MESSAGE_LEVELS}, added up. */
  readonly level: number;
  /** Whether all of them are on standard error. */
  readonly isOnStandardError: boolean;
}

/**
 * The messages of makedumpfile: results, details and numbers of pages on standard output, errors and progress on
 * standard error. If the dump is written to standard output, all are on standard error.
 */
export class Messages {
  readonly #choice: MessageChoice;

  constructor(choice: MessageChoice) {
    this.#choice = choice;
  }

  has(kind: keyof typeof MESSAGE_LEVELS): boolean {
    return (this.#choice.level & MESSAGE_LEVELS[kind]) !== 0;
  }

  print(kind: 'results' | 'details' | 'report', text: Printable): void {
    if (this.has(kind)) (this.#choice.isOnStandardError ? printError : printText)(text);
  }

  /** Prints a sentence on standard error, as one line. */
  complain(text: string): void {
    if (this.has('errors')) printError(line`makedumpfile: ${text}`);
  }

  /** Prints a refusal on standard error. */
  complainOf(error: KexecError): void {
    if (this.has('errors'))
      printError(formatError(error, { ...errorView(), color: false, program: 'makedumpfile' }));
  }
}
