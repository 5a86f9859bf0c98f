/** The only writer of standard output and standard error. */
import { once } from 'node:events';
import { isStandardOutputClaimed } from '../../node/files/standard-descriptors.js';
import { joinPrintable, type Printable } from '../../view/text/printable.js';
import { READER_IS_GONE } from './exit-codes.js';

let endsWithReader = true;

/** Lets the command continue if the reader of standard output is gone: it writes something else, too. */
export function outliveReader(): void {
  endsWithReader = false;
}

/**
 * Ends the process without a word if the reader of its output is gone (`| head`), unless {@link outliveReader} was
 * called. An exit code of 0 would be a verdict that may not have been reached.
 */
export function readerIsGone(): void {
  if (endsWithReader) process.exit(process.exitCode || READER_IS_GONE);
}

/** Prints on standard output, or on standard error where an output file is standard output. */
export function printText(text: Printable): void {
  (isStandardOutputClaimed() ? process.stderr : process.stdout).write(`${text}\n`);
}

/** Prints a report for programs, which is on standard output, whatever else is. */
export function printForPrograms(text: Printable): void {
  process.stdout.write(`${text}\n`);
}

/** Prints on standard error. */
export function printError(text: Printable): void {
  process.stderr.write(`${text}\n`);
}

/** Prints the console of a guest on standard error, as it is: it is a terminal's. */
export function printConsole(text: string): void {
  process.stderr.write(text);
}

/** Prints bytes that are safe for a terminal, such as a log whose characters were escaped. */
export function printBytes(bytes: Uint8Array): void {
  process.stdout.write(bytes);
}

/** Prints, and waits for a slow reader, so that output does not pile up in memory. Ignores a reader that is gone. */
export async function printSlowly(text: Printable): Promise<void> {
  const stream = isStandardOutputClaimed() ? process.stderr : process.stdout;
  if (!stream.writable || stream.write(`${text}\n`)) return;
  await once(stream, 'drain').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Characters that are printed at once where no one waits for each line. */
const PIECE_LENGTH = 1 << 16;

/** Prints many lines as {@link printSlowly}: each at once on a terminal, else many at a time, which takes less. */
export class LinePrinter {
  #waiting: Printable[] = [];
  #length = 0;

  async print(text: Printable): Promise<void> {
    this.#waiting.push(text);
    this.#length += text.length;
    if (process.stdout.isTTY === true || this.#length >= PIECE_LENGTH) await this.flush();
  }

  /** Prints what waits. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const text = joinPrintable(this.#waiting, '\n');
    this.#waiting = [];
    this.#length = 0;
    await printSlowly(text);
  }
}
