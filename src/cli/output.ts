/** Whether to colour what goes to standard output: a terminal, and no NO_COLOR (https://no-color.org). */
export const useColor: boolean = process.stdout.isTTY === true && !process.env.NO_COLOR;

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}
