/** Fits text to the width of a terminal: the one place at which a line is broken. */
import { eastAsianWidth } from 'get-east-asian-width';
import { createColors } from 'picocolors';

/** How a view prints. */
export interface ViewOptions {
  /** Whether with colours, as ANSI escape sequences; false if left out. */
  readonly color?: boolean | undefined;
  /** Columns of a line, which only a longer word exceeds; {@link DEFAULT_COLUMNS} if left out. */
  readonly columns?: number | undefined;
}

/** The width of text that is not printed on a terminal. */
export const DEFAULT_COLUMNS = 80;

/** Functions that give text a colour, or return it as it is. */
export type Colors = Readonly<
  Record<'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow', (text: string) => string>
>;

/** Columns that a label takes, with the space after it. */
export const LABEL_WIDTH = 6;

/** Text in fewer columns than these is hard to read: it begins on a line of its own. */
const MIN_TEXT_COLUMNS = 24;

/** The indent of text for which the columns after its row's other cells are too few. */
const NARROW_INDENT = 4;

/** Breaks lines for one width, and has the colours for them. */
export class Layout {
  readonly colors: Colors;
  readonly columns: number;

  constructor({ color = false, columns = DEFAULT_COLUMNS }: ViewOptions = {}) {
    this.colors = createColors(color);
    this.columns = columns;
  }

  /**
   * Breaks text into lines between words.
   *
   * @param text - without line feeds; colours in it take no columns
   * @param column - where the first line begins
   * @param indent - where further lines begin
   */
  wrap(text: string, column: number, indent: number): string {
    if (column + measureText(text) <= this.columns) return text;
    let result = '';
    let at = column;
    for (const word of text.split(' ')) {
      const width = measureText(word);
      if (result === '') {
        result = word;
        at += width;
      } else if (at + 1 + width <= this.columns) {
        result += ` ${word}`;
        at += 1 + width;
      } else {
        result += `\n${' '.repeat(indent)}${word}`;
        at = indent + width;
      }
    }
    return result;
  }

  /** Breaks a whole line. @param indent - where further lines begin */
  line(text: string, indent: number): string {
    const start = text.length - text.trimStart().length;
    return text.slice(0, start) + this.wrap(text.slice(start), start, indent);
  }

  /** Text after a start of its line, such as a name: further lines begin below the text. */
  hang(start: string, text: string): string {
    const column = measureText(start);
    if (this.columns - column >= MIN_TEXT_COLUMNS || column + measureText(text) <= this.columns)
      return start + this.wrap(text, column, column);
    return `${start.trimEnd()}\n${' '.repeat(NARROW_INDENT)}${this.wrap(text, NARROW_INDENT, NARROW_INDENT)}`;
  }

  /**
   * A label, such as `why` or `cure`, and the text that belongs to it.
   *
   * @param column - where the label begins
   * @param paint - for the label
   */
  label(
    column: number,
    label: string,
    text: string,
    paint: (label: string) => string = (plain) => plain,
  ): string {
    return this.hang(`${' '.repeat(column)}${paint(label)}${' '.repeat(LABEL_WIDTH - label.length)}`, text);
  }

  /**
   * A row of a table: aligned cells, two spaces between them, and after them text that is broken within its own column.
   *
   * @param cells - those before the text
   * @param widths - of these cells' columns; a negative width aligns to the right
   */
  row(cells: readonly string[], widths: readonly number[], text = ''): string {
    const padded = cells.map((cell, index) => pad(cell, widths[index] ?? 0));
    return text === '' ? padded.join('  ').trimEnd() : this.hang([...padded, ''].join('  '), text);
  }
}

/** Measures text in columns: colours take none, and a Chinese character takes two. */
export function measureText(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : measureCharacters(text);
}

/** Characters that combine with the one before, and colours. Others that are not shown were escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC.
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}]|\x1b\[[\d;]*m/gu;

function measureCharacters(text: string): number {
  let width = 0;
  for (const character of text.replace(WITHOUT_WIDTH, ''))
    width += eastAsianWidth(character.codePointAt(0) ?? 0);
  return width;
}

/** The width of each column of a table. @param rows - cells; a row may have fewer than others */
export function measureColumns(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, measureText(cell));
    }
  }
  return widths;
}

function pad(cell: string, width: number): string {
  const space = ' '.repeat(Math.max(0, Math.abs(width) - measureText(cell)));
  return width < 0 ? space + cell : cell + space;
}
