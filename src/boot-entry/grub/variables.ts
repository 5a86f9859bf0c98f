import { refuse } from '../../base/error.js';
import type { Word } from './grub-script.js';

/** Longer words are no configuration: a variable that contains itself twice doubles with each command. */
const MAX_WORD_LENGTH = 1 << 16;

/** The values of GRUB's variables, as far as they can be known without GRUB. */
export class Variables {
  readonly #known: Map<string, string>;
  readonly #unknown: Set<string>;

  constructor(known: Iterable<readonly [string, string]> = [], unknown: Iterable<string> = []) {
    this.#known = new Map(known);
    this.#unknown = new Set(unknown);
  }

  /** A variable that nobody set is empty; undefined means that only GRUB knows. */
  get(name: string): string | undefined {
    return this.#unknown.has(name) ? undefined : (this.#known.get(name) ?? '');
  }

  set(name: string, value: string): void {
    this.#unknown.delete(name);
    this.#known.set(name, value);
  }

  unset(name: string): void {
    this.#unknown.delete(name);
    this.#known.delete(name);
  }

  /** Notes that only GRUB knows the value from here on. */
  forget(name: string): void {
    this.#unknown.add(name);
  }

  copy(): Variables {
    return new Variables(this.#known, this.#unknown);
  }
}

/** The words that a word becomes, and the variables in it whose values only GRUB knows. */
export interface Expanded {
  readonly words: readonly string[];
  readonly unknown: readonly string[];
}

/**
 * Puts the values of variables into a word: one that is not quoted may become several words, or none.
 *
 * @param values - returns undefined for a value that only GRUB knows
 * @throws KexecError `EFBIG`, check `boot-entry-form`, if it becomes too long
 */
export function expandWord(word: Word, values: (name: string) => string | undefined): Expanded {
  const words: string[] = [];
  const unknown: string[] = [];
  let current: string | undefined;
  let length = 0;
  for (const part of word) {
    const value = 'text' in part ? part.text : values(part.variable);
    length += value?.length ?? 0;
    if (length > MAX_WORD_LENGTH)
      refuse('boot-entry-form', 'EFBIG', `a word of it has more than ${MAX_WORD_LENGTH} characters`);
    if (value === undefined && 'variable' in part) unknown.push(part.variable);
    const text = value ?? '';
    if ('text' in part || part.isQuoted) {
      current = (current ?? '') + text;
      continue;
    }
    const [first = '', ...others] = text.split(/[ \t\n]+/);
    if (first !== '' || current !== undefined) current = (current ?? '') + first;
    for (const other of others) {
      if (current !== undefined) words.push(current);
      current = other === '' ? undefined : other;
    }
  }
  if (current !== undefined) words.push(current);
  return { words, unknown };
}

/** Expands all words of a command. */
export function expandWords(words: readonly Word[], values: (name: string) => string | undefined): Expanded {
  const expanded = words.map((word) => expandWord(word, values));
  return {
    words: expanded.flatMap((each) => each.words),
    unknown: expanded.flatMap((each) => each.unknown),
  };
}
