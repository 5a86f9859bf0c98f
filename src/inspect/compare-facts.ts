import type { Fact, Facts } from './facts.js';

type Single = string | number | boolean;

/** A fact that differs between two files of a kind, or an item of a list that one of them lacks. */
export interface FactChange {
  /** The names that lead to it: `['kernel', 'release']`. */
  readonly path: readonly string[];
  /** Undefined if it is not in the first. */
  readonly before: Single | undefined;
  /** Undefined if it is not in the second. */
  readonly after: Single | undefined;
}

/**
 * Compares the facts about two files of a kind. Lists of texts are compared as sets; lists of groups by the `name` of each
 * group, and without names as sets.
 *
 * @returns what differs, in the order of the second, and last what it lacks
 */
export function compareFacts(before: Facts, after: Facts, path: readonly string[] = []): FactChange[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...names].flatMap((name) =>
    compareFact(findOwn(before, name), findOwn(after, name), [...path, name]),
  );
}

/** Names out of files can be those of an object's own methods. */
function findOwn(facts: Facts, name: string): Fact | undefined {
  return Object.hasOwn(facts, name) ? facts[name] : undefined;
}

function compareFact(
  before: Fact | undefined,
  after: Fact | undefined,
  path: readonly string[],
): FactChange[] {
  if (isList(before ?? []) && isList(after ?? []))
    return compareLists((before ?? []) as readonly Fact[], (after ?? []) as readonly Fact[], path);
  if (isGroup(before ?? {}) && isGroup(after ?? {}))
    return compareFacts((before ?? {}) as Facts, (after ?? {}) as Facts, path);
  const [old, fresh] = [flatten(before), flatten(after)];
  return old === fresh ? [] : [{ path, before: old, after: fresh }];
}

function isList(fact: Fact): fact is readonly string[] | readonly Facts[] {
  return Array.isArray(fact);
}

function isGroup(fact: Fact): fact is Facts {
  return typeof fact === 'object' && !Array.isArray(fact);
}

function compareLists(
  before: readonly Fact[],
  after: readonly Fact[],
  path: readonly string[],
): FactChange[] {
  const [old, fresh] = [indexByName(before), indexByName(after)];
  if (old !== undefined && fresh !== undefined) return compareFacts(old, fresh, path);
  const [left, right] = [countItems(before), countItems(after)];
  const [gone, added] = [listExtra(left, right), listExtra(right, left)];
  if (gone.length === 1 && added.length === 1) return [{ path, before: gone[0], after: added[0] }];
  return [
    ...added.map((item) => ({ path, before: undefined, after: item })),
    ...gone.map((item) => ({ path, before: item, after: undefined })),
  ];
}

/** The groups of a list by their names; undefined if a group has none, or the name of another. */
function indexByName(items: readonly Fact[]): Facts | undefined {
  const named = new Map<string, Fact>();
  for (const item of items) {
    if (!isGroup(item) || typeof item.name !== 'string' || named.has(item.name)) return undefined;
    const { name, ...facts } = item;
    named.set(name, facts);
  }
  return Object.fromEntries(named);
}

/** Items as texts, with their numbers. */
function countItems(items: readonly Fact[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const text = String(flatten(item));
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** The items that one list has more often than another, each once. */
function listExtra(of: ReadonlyMap<string, number>, than: ReadonlyMap<string, number>): string[] {
  return [...of].filter(([item, count]) => count > (than.get(item) ?? 0)).map(([item]) => item);
}

/** A fact in a line. */
function flatten(fact: Fact | undefined): Single | undefined {
  if (typeof fact !== 'object') return fact;
  if (isList(fact)) return fact.map((item) => flatten(item)).join(', ');
  return Object.entries(fact)
    .map(([name, item]) => `${name} ${flatten(item)}`)
    .join(', ');
}
