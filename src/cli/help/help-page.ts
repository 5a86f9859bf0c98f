/**
 * The text of `-h` and `--help`, for any width; it needs no commander, which takes longer to load than to print this.
 */
import { Layout } from '../../view/text/layout.js';

/** What a command is called with, and the meaning. */
export interface HelpItem {
  readonly term: string;
  readonly text: string;
}

export interface HelpSection {
  readonly heading: string;
  readonly items: readonly HelpItem[];
}

export interface HelpPage {
  /** A line before everything else. */
  readonly first?: string;
  readonly usage: string;
  /** Sentences about the whole. */
  readonly description: string;
  readonly sections: readonly HelpSection[];
}

/** Column of the terms. */
const INDENT = 2;

/** A longer term has its meaning on the next line. */
const MAX_TERM_LENGTH = 25;

/** Formats usage, description and sections; the last line ends in a line feed. */
export function formatHelpPage({ first, usage, description, sections }: HelpPage, columns: number): string {
  const layout = new Layout({ columns });
  const terms = sections.flatMap(({ items }) => items.map(({ term }) => term.length));
  const width = Math.max(...terms.filter((length) => length <= MAX_TERM_LENGTH), 0);
  const blocks = [
    ...(first === undefined ? [] : [first]),
    layout.hang('Usage: ', usage),
    layout.wrap(description, 0, 0),
    ...sections.map(({ heading, items }) =>
      [`${heading}:`, ...items.map((item) => formatItem(item, width, layout))].join('\n'),
    ),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function formatItem({ term, text }: HelpItem, width: number, layout: Layout): string {
  const start = ' '.repeat(INDENT) + term;
  const column = INDENT + width + 2;
  if (term.length <= width) return layout.hang(start.padEnd(column), text);
  return `${start}\n${layout.hang(' '.repeat(column), text)}`;
}
