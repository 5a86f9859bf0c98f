import { refuse } from '../../base/error.js';

/** A part of a word: text, or a variable whose value takes its place. */
export type WordPart =
  | { readonly text: string; readonly isQuoted: boolean }
  | { readonly variable: string; readonly isQuoted: boolean };

/** A token of GRUB's script language. Line feeds and semicolons are both ends of a command. */
export type Token = { readonly word: readonly WordPart[] } | { readonly sign: ';' | '{' | '}' | '|' | '&' };

/** More tokens are no configuration. */
const MAX_TOKENS = 200_000;

const VARIABLE = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*|\d+|[?*@#])\}|([A-Za-z_][A-Za-z0-9_]*|\d+|[?*@#]))/;

/**
 * Splits a script of GRUB into tokens: GNU GRUB manual, "Writing full configuration files directly", "Quoting".
 *
 * @throws KexecError `EINVAL`, check `boot-entry-form`, for a quote that is not closed; `EFBIG`
 */
export function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < script.length) {
    const character = script.charAt(at);
    if (/[ \t\r]/.test(character)) at += 1;
    else if (script.startsWith('\\\n', at)) at += 2;
    else if (character === '#') at = endOfLine(script, at);
    else if (character === '\n' || character === ';') {
      tokens.push({ sign: ';' });
      at += 1;
    } else if (/[{}|&]/.test(character)) {
      tokens.push({ sign: character as '{' });
      at += 1;
    } else {
      const { parts, end } = readWord(script, at);
      tokens.push({ word: parts });
      at = end;
    }
    if (tokens.length > MAX_TOKENS)
      refuse('boot-entry-form', 'EFBIG', `it has more than ${MAX_TOKENS} words`);
  }
  return tokens;
}

function endOfLine(script: string, at: number): number {
  const end = script.indexOf('\n', at);
  return end < 0 ? script.length : end;
}

/** Collects the parts of a word. */
class Word {
  readonly parts: WordPart[] = [];

  /** Adds text; an empty quoted text makes a word, too. */
  addText(text: string, isQuoted: boolean): void {
    const last = this.parts.at(-1);
    if (last !== undefined && 'text' in last && last.isQuoted === isQuoted) {
      this.parts[this.parts.length - 1] = { text: last.text + text, isQuoted };
    } else {
      this.parts.push({ text, isQuoted });
    }
  }

  addVariable(variable: string, isQuoted: boolean): void {
    this.parts.push({ variable, isQuoted });
  }
}

function readWord(
  script: string,
  start: number,
): { readonly parts: readonly WordPart[]; readonly end: number } {
  const word = new Word();
  let at = start;
  while (at < script.length && !/[ \t\r\n;{}|&]/.test(script.charAt(at))) {
    const character = script.charAt(at);
    if (character === "'") at = readSingleQuoted(script, at, word);
    else if (character === '"') at = readDoubleQuoted(script, at, word);
    else if (character === '$') at = readVariable(script, at, { word, isQuoted: false });
    else if (character === '\\') {
      if (script.charAt(at + 1) !== '\n') word.addText(script.charAt(at + 1), true);
      at += 2;
    } else {
      word.addText(character, false);
      at += 1;
    }
  }
  return { parts: word.parts, end: Math.min(at, script.length) };
}

function readSingleQuoted(script: string, start: number, word: Word): number {
  const end = script.indexOf("'", start + 1);
  if (end < 0) refuseOpen(script, start);
  word.addText(script.slice(start + 1, end), true);
  return end + 1;
}

function readDoubleQuoted(script: string, start: number, word: Word): number {
  word.addText('', true);
  let at = start + 1;
  for (;;) {
    const character = script.charAt(at);
    if (character === '') refuseOpen(script, start);
    if (character === '"') return at + 1;
    const next = script.charAt(at + 1);
    if (character === '\\' && next !== '' && '$"\\\n'.includes(next)) {
      if (next !== '\n') word.addText(next, true);
      at += 2;
    } else if (character === '$') {
      at = readVariable(script, at, { word, isQuoted: true });
    } else {
      word.addText(character, true);
      at += 1;
    }
  }
}

/** A dollar sign before anything else than a name is itself. */
function readVariable(
  script: string,
  at: number,
  { word, isQuoted }: { word: Word; isQuoted: boolean },
): number {
  const found = VARIABLE.exec(script.slice(at, at + 256));
  if (found === null) {
    word.addText('$', isQuoted);
    return at + 1;
  }
  word.addVariable(found[1] ?? found[2] ?? '', isQuoted);
  return at + found[0].length;
}

function refuseOpen(script: string, at: number): never {
  const line = script.slice(0, at).split('\n').length;
  refuse('boot-entry-form', 'EINVAL', `line ${line}: a quote is not closed`);
}
