/** The columns of a line, which only a longer word exceeds. */
const MAX_COLUMNS = 110;

/**
 * Text on lines of at most {@link MAX_COLUMNS} columns.
 *
 * @param column - where the first line begins
 * @param indent - where further lines begin
 */
export function wrapText(text: string, column: number, indent: number): string {
  let result = '';
  let at = column;
  for (const word of text.split(' ')) {
    if (result === '') {
      result = word;
      at += word.length;
    } else if (at + 1 + word.length <= MAX_COLUMNS) {
      result += ` ${word}`;
      at += 1 + word.length;
    } else {
      result += `\n${' '.repeat(indent)}${word}`;
      at = indent + word.length;
    }
  }
  return result;
}

/** Columns that a label of {@link formatLabelled} takes, with the space after it. */
export const LABEL_WIDTH = 6;

/**
 * A label, `why` or `cure`, and the text that belongs to it, further lines of which are indented as the first.
 *
 * @param column - where the label begins
 * @param paint - for the label
 */
export function formatLabelled(
  column: number,
  label: string,
  text: string,
  paint: (label: string) => string = (plain) => plain,
): string {
  const indent = column + LABEL_WIDTH;
  const space = ' '.repeat(LABEL_WIDTH - label.length);
  return `${' '.repeat(column)}${paint(label)}${space}${wrapText(text, indent, indent)}`;
}
