/**
 * The edge at which values become text for people. Text from files, arguments and machines passes it escaped, so that
 * it can neither control a terminal nor add lines to a report. The writer of standard output accepts only {@link
 * Printable}.
 */
import { escapeField } from '../../base/escape-field.js';

declare const printable: unique symbol;

/** Text in which every line feed and every colour is this program's own; `makeView()` and {@link line} make it. */
export type Printable = string & { readonly [printable]: true };

/**
 * Formats a line from a template: every text that is put into it is escaped.
 *
 * @example
 * ```ts
 * printText(line`${file}: not signed`);
 * ```
 */
export function line(
  template: TemplateStringsArray,
  ...values: readonly (string | number | bigint | undefined)[]
): Printable {
  return String.raw({ raw: template }, ...values.map((value) => escapeField(String(value)))) as Printable;
}

/** Formats a text of several lines. @param lines - each is escaped, so that it stays one line */
export function formatLines(lines: readonly string[]): Printable {
  return joinPrintable(
    lines.map((text) => line`${text}`),
    '\n',
  );
}

/** Joins texts. @param separator - line feeds between them; nothing if each ends its own line */
export function joinPrintable(texts: readonly Printable[], separator: '\n' | '\n\n' | ''): Printable {
  return texts.join(separator) as Printable;
}

/** A part of a text. @param start - in characters. @param end - the text's end if left out */
export function takePart(text: Printable, start: number, end?: number): Printable {
  return text.slice(start, end) as Printable;
}

/** Removes the line feed at the end of a text, for a writer that adds its own. */
export function dropLastBreak(text: Printable): Printable {
  return text.replace(/\n$/, '') as Printable;
}
