/**
 * Markup that cannot be forgotten to be escaped: {@link html} escapes every text that is put into a template, and takes
 * other markup as it is.
 */
import { escapeXml } from '../xml.js';

/** Markup of HTML. {@link html} makes it. */
export class Html {
  readonly markup: string;

  /** @param markup - which contains no text that is not escaped */
  constructor(markup: string) {
    this.markup = markup;
  }
}

type HtmlValue = string | number | bigint | Html | readonly Html[];

/**
 * Makes markup from a template: texts and numbers are escaped, markup and lists of markup are not.
 *
 * @example
 * ```ts
 * html`<td>${fileName}</td>`.markup
 * ```
 */
export function html(template: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(String.raw({ raw: template }, ...values.map(toMarkup)));
}

function toMarkup(value: HtmlValue): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(({ markup }) => markup).join('\n');
  return escapeXml(String(value));
}

/** No markup. */
export const NOTHING = new Html('');
