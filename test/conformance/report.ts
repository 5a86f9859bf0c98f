/** Further lines are counted, not printed. */
const MAX_LINES = 50;

/** Prints a list of problems, unless it is empty. */
export function printProblems(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const more = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more`] : [];
  process.stdout.write(
    `${title}:\n${[...lines.slice(0, MAX_LINES), ...more].map((line) => `  ${line}\n`).join('')}`,
  );
}

/** Prints a line on the terminal that the next such line replaces. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
