import { escapeField } from '../../base/escape-field.js';
import { formatBytes } from '../../base/sizes.js';
import type { Fact, Facts } from '../../inspect/facts.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

const INDENT = 2;

/** A longer name moves the rest of its line. */
const MAX_NAME_WIDTH = 40;

export interface FactsOptions extends ViewOptions {
  /** Columns before every line; 0 if left out. */
  readonly indent?: number | undefined;
}

/** Formats facts as aligned lines. Nested facts are indented below their name. */
export const formatFacts: View<[facts: Facts, options?: FactsOptions]> = makeView((facts, options = {}) =>
  formatFactLines(facts, options.indent ?? 0, new Layout(options)),
);

function formatFactLines(facts: Facts, indent: number, layout: Layout): string {
  const width = Object.keys(facts).reduce((widest, { length }) => Math.max(widest, length), 0);
  const column = Math.min(width, MAX_NAME_WIDTH);
  const space = ' '.repeat(indent);
  return Object.entries(facts)
    .map(([name, fact]) =>
      isLine(fact)
        ? layout.hang(`${space}${name.padEnd(column)}  `, formatFact(name, fact))
        : `${space}${name}\n${formatBlock(fact, indent + INDENT, layout)}`,
    )
    .join('\n');
}

function isLine(fact: Fact): fact is string | number | boolean {
  return typeof fact !== 'object';
}

function formatBlock(fact: Exclude<Fact, string | number | boolean>, indent: number, layout: Layout): string {
  if (!Array.isArray(fact)) return formatFactLines(fact as Facts, indent, layout);
  if (fact.length === 0) return `${' '.repeat(indent)}none`;
  return fact.map((item: string | Facts) => formatItem(item, indent, layout)).join('\n');
}

/** The fields of an item of a list are names and numbers: longer ones are shortened. */
const MAX_FIELD_LENGTH = 200;

/** One paragraph for each item of a list: there can be thousands. Facts in an item have lines of their own below. */
function formatItem(item: string | Facts, indent: number, layout: Layout): string {
  const paragraph = (text: string): string => ' '.repeat(indent) + layout.wrap(text, indent, indent + INDENT);
  if (typeof item === 'string') return paragraph(item);
  const fields = Object.entries(item);
  const flat = fields.filter(([, fact]) => isField(fact));
  const nested = fields.filter(([, fact]) => !isField(fact));
  return [
    paragraph(flat.map(([name, fact]) => `${name} ${formatField(name, fact)}`).join(', ')),
    ...(nested.length === 0 ? [] : [formatFactLines(Object.fromEntries(nested), indent + INDENT, layout)]),
  ].join('\n');
}

function isField(fact: Fact): boolean {
  return isLine(fact) || (Array.isArray(fact) && fact.every((entry) => typeof entry === 'string'));
}

function formatField(name: string, fact: Fact): string {
  const text = isLine(fact) ? formatFact(name, fact) : (fact as readonly string[]).join(', ');
  return escapeField(text, MAX_FIELD_LENGTH);
}

/** Facts that are numbers of bytes: `size`, `imageSize`, `sizeOfImage`, `unpacked`, `ram`; not bits, as `platformSize`. */
const SIZE_NAME =
  /^(?:size|(?!platform).*Size|sizeOf.*|length|signedBytes|unpacked|memory|ram|total|totalRam|memsz|bufsz)$/;

/**
 * Formats a single fact, unescaped: a number of bytes is decimal or hexadecimal in facts, as in JSON; people read it in
 * a binary unit.
 */
export function formatFact(name: string, fact: string | number | boolean): string {
  if (typeof fact === 'number' && SIZE_NAME.test(name)) return formatBytes(fact);
  const text = String(fact);
  const [, digits, unit] = /^(0x[0-9a-f]{1,16})( bytes)?$/.exec(text) ?? [];
  const isSize = digits !== undefined && (unit !== undefined || SIZE_NAME.test(name));
  return isSize ? formatBytes(BigInt(digits)) : text;
}
