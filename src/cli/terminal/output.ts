/** Whether to colour what goes to standard output: a terminal, and no NO_COLOR (https://no-color.org). */
export const useColor: boolean = process.stdout.isTTY === true && !process.env.NO_COLOR;

let endsWithReader = true;

/** Has the command go on when nobody reads its standard output any more: it has something else to write. */
export function outliveReader(): void {
  endsWithReader = false;
}

/** What a reader that has seen enough (`| head`) means: no error, and the end unless {@link outliveReader} was called. */
export function readerIsGone(): void {
  if (endsWithReader) process.exit();
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}
