import type * as z from 'zod';
import { findSimilar } from '../base/find-similar.js';

/** Longer values are shortened in a message. */
const MAX_SHOWN_LENGTH = 60;

/** What is wrong in a settings file, and where. */
interface SettingsFault {
  /** Section, key, and items within. */
  readonly path: readonly PropertyKey[];
  /** A clause: `[load] policy = "enforc": wanted is "enforce" or …`. */
  readonly words: string;
}

/** The keys of each section. */
export type SectionSchemas = Readonly<Record<string, { readonly shape: Readonly<Record<string, unknown>> }>>;

/** Describes a fault that a schema found. @param values - the whole file @param sections - the sections that exist */
export function describeFault(
  issue: z.core.$ZodIssue,
  values: unknown,
  sections: SectionSchemas,
): SettingsFault {
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue.path, issue.keys[0] ?? '', sections);
  const { path, message } = issue;
  if (path.length < 2) {
    const [section] = path;
    return {
      path,
      words: `${String(section)} is a section: [${String(section)}] on a line of its own, keys below`,
    };
  }
  return { path, words: `${namePath(path)}${showValue(path, values)}: ${message}` };
}

function describeUnknown(path: readonly PropertyKey[], key: string, sections: SectionSchemas): SettingsFault {
  const [section] = path;
  const isSection = section === undefined;
  const names = isSection ? Object.keys(sections) : Object.keys(sections[String(section)]?.shape ?? {});
  const others = Object.keys(sections).filter((name) => Object.hasOwn(sections[name]?.shape ?? {}, key));
  const what = isSection
    ? `no section [${key}] and no key ${JSON.stringify(key)} outside of one`
    : `no key ${key}`;
  return {
    path: [...path, key],
    words: `${isSection ? 'there is' : `[${String(section)}] has`} ${what}; ${suggest(key, names, others)}`,
  };
}

function suggest(key: string, names: readonly string[], sections: readonly string[]): string {
  const similar = findSimilar(key, names);
  if (similar.length > 0) return `did you mean ${similar.join(' or ')}?`;
  if (sections.length > 0) return `it belongs under ${sections.map((name) => `[${name}]`).join(' or ')}`;
  return `there are ${names.join(', ')}`;
}

function namePath([section, key, item]: readonly PropertyKey[]): string {
  const name = `[${String(section)}] ${String(key)}`;
  return typeof item === 'number' ? `${name}, item ${item + 1}` : name;
}

function showValue(path: readonly PropertyKey[], values: unknown): string {
  const value = path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    values,
  );
  if (value === undefined) return '';
  const shown = JSON.stringify(value);
  return ` = ${shown.length > MAX_SHOWN_LENGTH ? `${shown.slice(0, MAX_SHOWN_LENGTH)}…` : shown}`;
}

/**
 * Finds the line of a section or a key in a text that is TOML, from 1.
 *
 * @returns undefined if it is written in another way than `[section]` and `key =`: `load.policy =`
 */
export function findLine(text: string, [section, key]: readonly PropertyKey[]): number | undefined {
  let current: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[\s*"?([\w-]+)"?\s*\]/.exec(line)?.[1];
    if (header !== undefined) current = header;
    const name = /^\s*"?([\w-]+)"?\s*=/.exec(line)?.[1];
    const isFound =
      key === undefined
        ? header === section || (current === undefined && name === section)
        : current === section && name === key;
    if (isFound) return index + 1;
  }
  return undefined;
}
