/** Quotes a word for bash and zsh, unless no character needs it. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Quotes words, with spaces between. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** Quotes a word for fish, unless no character needs it. In quotes, a backslash escapes backslashes and quotes. */
export function quoteFishWord(word: string): string {
  if (/^[\w@+:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll(/['\\]/g, '\\$&')}'`;
}
