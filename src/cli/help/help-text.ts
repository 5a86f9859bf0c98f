import { Layout } from '../../view/text/layout.js';

/** What a command does, in more words than its options have. */
export interface HelpText {
  /** Paragraphs, separated by empty lines. They are filled anew, except for lines that are indented. */
  readonly about?: string;
  /** Paths of documents. */
  readonly documents?: readonly string[];
  /** Lines for a shell, printed as they are. */
  readonly examples: string;
}

/** Indent of examples. */
const INDENT = '  ';

/** Formats paragraphs, documents and examples for a width. */
export function formatHelpText({ about = '', documents = [], examples }: HelpText, columns: number): string {
  const layout = new Layout({ columns });
  const lines = examples.trim().split('\n');
  const heading = lines.filter((line) => !line.startsWith(' ')).length === 1 ? 'Example:' : 'Examples:';
  return [
    ...about
      .trim()
      .split('\n\n')
      .filter((paragraph) => paragraph !== '')
      .map((paragraph) => fillParagraph(paragraph, layout)),
    ...(documents.length === 0 ? [] : [layout.wrap(`Documentation: ${documents.join(', ')}.`, 0, 0)]),
    [heading, ...lines.map((line) => INDENT + line)].join('\n'),
  ].join('\n\n');
}

/** Fills lines; indented ones stay lines of their own. */
function fillParagraph(paragraph: string, layout: Layout): string {
  const lines = paragraph.split('\n');
  const own = lines.filter((line) => line.startsWith(INDENT));
  const text = lines.filter((line) => !line.startsWith(INDENT)).join(' ');
  return [layout.wrap(text, 0, 0), ...own.map((line) => fillRow(line, layout))].join('\n');
}

/** A row of a list, `  term   meaning`: further lines begin below the meaning. */
function fillRow(line: string, layout: Layout): string {
  const [, start = '', text = ''] = /^( +\S+ {2,})?(.*)$/.exec(line) ?? [];
  if (start === '') return layout.line(line, 4);
  const longest = Math.max(...text.split(' ').map((word) => word.length));
  if (start.length + longest <= layout.columns) return layout.hang(start, text);
  return `${start.trimEnd()}\n${layout.line(`    ${text}`, 4)}`;
}
