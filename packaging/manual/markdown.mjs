/** Formats documents of docs/ as parts of a manual page. */
import { lexer } from 'marked';
import {
  escapeRoff,
  formatBlock,
  formatBold,
  formatHeading,
  formatItalic,
  formatItem,
  formatParagraph,
  formatSubheading,
} from './roff.mjs';

/** Formats a document without its title. Headings of the second level become sections, deeper ones subsections. */
export function formatMarkdown(text) {
  return lexer(text).flatMap(formatToken);
}

function formatToken(token) {
  switch (token.type) {
    case 'heading':
      if (token.depth === 1) return [];
      return [(token.depth === 2 ? formatHeading : formatSubheading)(readText(token.tokens))];
    case 'paragraph':
      return [formatParagraph(formatInline(token.tokens))];
    case 'code':
      return [formatBlock(token.text.split('\n'))];
    case 'list':
      return token.items.map((item) => formatItem('\\(bu', formatListItem(item)));
    case 'table':
      return token.rows.map(([first, ...others]) =>
        formatItem(
          formatInline(first.tokens),
          others
            .map(({ tokens }, index) =>
              others.length === 1
                ? formatInline(tokens)
                : `${escapeRoff(token.header[index + 1].text)}: ${formatInline(tokens)}.`,
            )
            .join('\n.br\n'),
        ),
      );
    case 'space':
      return [];
    default:
      throw new Error(`a manual page has no ${token.type}: ${token.raw}`);
  }
}

function formatListItem({ tokens }) {
  return tokens.map((token) => formatInline(token.tokens ?? [])).join('\n');
}

function formatInline(tokens) {
  return tokens
    .map(formatInlineToken)
    .join('')
    .replaceAll(/\s*\n\s*/g, ' ');
}

function formatInlineToken(token) {
  switch (token.type) {
    case 'codespan':
      return formatBold(token.text);
    case 'em':
      return formatItalic(readText(token.tokens));
    case 'strong':
      return formatBold(readText(token.tokens));
    case 'link':
      return formatInline(token.tokens);
    case 'text':
    case 'escape':
      return escapeRoff(token.text);
    default:
      throw new Error(`a manual page has no ${token.type}: ${token.raw}`);
  }
}

function readText(tokens) {
  return tokens.map(({ text }) => text).join('');
}
