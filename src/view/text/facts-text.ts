import type { Fact, Facts } from '../../inspect/facts.js';
import { makeView, type View } from './make-view.js';

const INDENT = '  ';

/** A longer name moves the rest of its line. */
const MAX_NAME_WIDTH = 40;

/** Formats facts as aligned lines. Nested facts are indented below their name. */
export const formatFacts: View<[facts: Facts, indent?: string]> = makeView((facts, indent) =>
  formatFactLines(facts, indent ?? ''),
);

function formatFactLines(facts: Facts, indent: string): string {
  const width = Object.keys(facts).reduce((widest, { length }) => Math.max(widest, length), 0);
  const column = Math.min(width, MAX_NAME_WIDTH);
  return Object.entries(facts)
    .map(([name, fact]) =>
      isLine(fact)
        ? `${indent}${name.padEnd(column)}  ${fact}`
        : `${indent}${name}\n${formatBlock(fact, indent + INDENT)}`,
    )
    .join('\n');
}

function isLine(fact: Fact): fact is string | number | boolean {
  return typeof fact !== 'object';
}

function formatBlock(fact: Exclude<Fact, string | number | boolean>, indent: string): string {
  if (!Array.isArray(fact)) return formatFactLines(fact as Facts, indent);
  if (fact.length === 0) return `${indent}none`;
  return fact.map((item: string | Facts) => formatItem(item, indent)).join('\n');
}

/** One line for each item of a list: there can be thousands. */
function formatItem(item: string | Facts, indent: string): string {
  if (typeof item === 'string') return indent + item;
  const fields = Object.entries(item).map(([name, fact]) => `${name} ${fact}`);
  return indent + fields.join(', ');
}
