/** Columns that a line takes at the most, as long as its words allow. */
const WIDTH = 110;

/** Text in lines, of which the first begins at one column, and the others at another. */
export function wrapText(text: string, column: number, hang: number): string {
  let result = '';
  let at = column;
  for (const word of text.split(' ')) {
    if (result === '') {
      result = word;
      at += word.length;
    } else if (at + 1 + word.length <= WIDTH) {
      result += ` ${word}`;
      at += 1 + word.length;
    } else {
      result += `\n${' '.repeat(hang)}${word}`;
      at = hang + word.length;
    }
  }
  return result;
}
