/** Whether standard output gets colours: it is a terminal, and NO_COLOR is unset (https://no-color.org). */
export const useColor: boolean = process.stdout.isTTY === true && !process.env.NO_COLOR;

let endsWithReader = true;

/** Lets the command continue if the reader of standard output is gone: it writes something else, too. */
export function outliveReader(): void {
  endsWithReader = false;
}

/** Ends the process without an error if the reader of standard output is gone (`| head`), unless {@link outliveReader} was called. */
export function readerIsGone(): void {
  if (endsWithReader) process.exit();
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}
