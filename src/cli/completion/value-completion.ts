/** What completes the value of an option, or an operand. */

/** A value that is known, and what it means. */
export interface Word {
  readonly word: string;
  /** Shown beside it where the shell can; empty if the word says it. */
  readonly text: string;
}

/** The candidates for a value. */
export interface ValueCompletion {
  /** One word for it, which zsh shows: `certificate`. */
  readonly name: string;
  readonly words: readonly Word[];
  /**
   * Which paths are candidates: none, folders, programs of PATH, or files. Patterns of file names, as the shell's `*`,
   * say which files are offered; if no file has such a name, all are. Without patterns, all are.
   */
  readonly paths: 'none' | 'folders' | 'programs' | readonly string[];
  /** Texts that may precede a path, such as `platform:`. */
  readonly prefixes: readonly string[];
}

/** A value of which nothing is known but its name. */
export function describeText(name: string): ValueCompletion {
  return { name, words: [], paths: 'none', prefixes: [] };
}

/** One of a few words. */
export function describeWords(name: string, words: readonly (string | Word)[]): ValueCompletion {
  const described = words.map((word) => (typeof word === 'string' ? { word, text: '' } : word));
  return { ...describeText(name), words: described };
}

/** A file. @param patterns - of the names that are offered; empty for all */
export function describeFile(name: string, patterns: readonly string[] = []): ValueCompletion {
  return { ...describeText(name), paths: patterns };
}
