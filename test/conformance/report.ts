/** More lines than these are counted, not told. */
const TOLD = 50;

/** Tells of what went wrong, if anything did. */
export function tell(what: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const more = lines.length > TOLD ? [`and ${lines.length - TOLD} more`] : [];
  process.stdout.write(
    `${what}:\n${[...lines.slice(0, TOLD), ...more].map((line) => `  ${line}\n`).join('')}`,
  );
}

/** A line on the terminal that the next one takes the place of. */
export function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
