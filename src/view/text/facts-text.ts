import type { Fact, Facts } from '../../inspect/facts.js';

const INDENT = '  ';

/** Formats facts as aligned lines. Nested facts are indented below their name. */
export function formatFacts(facts: Facts, indent = ''): string {
  const width = Math.max(0, ...Object.keys(facts).map((name) => name.length));
  return Object.entries(facts)
    .map(([name, fact]) =>
      isLine(fact)
        ? `${indent}${name.padEnd(width)}  ${fact}`
        : `${indent}${name}\n${formatBlock(fact, indent + INDENT)}`,
    )
    .join('\n');
}

function isLine(fact: Fact): fact is string | number | boolean {
  return typeof fact !== 'object';
}

function formatBlock(fact: Exclude<Fact, string | number | boolean>, indent: string): string {
  if (!Array.isArray(fact)) return formatFacts(fact as Facts, indent);
  if (fact.length === 0) return `${indent}none`;
  return fact.map((item: string | Facts) => formatItem(item, indent)).join('\n');
}

/** One line for each item of a list: there can be thousands. */
function formatItem(item: string | Facts, indent: string): string {
  if (typeof item === 'string') return indent + item;
  const fields = Object.entries(item).map(([name, fact]) => `${name} ${fact}`);
  return indent + fields.join(', ');
}
