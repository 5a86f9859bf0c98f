/**
 * Text of characters that are all shown, as most is: ASCII, Latin letters and signs without the soft hyphen, dashes,
 * quotation marks and the ellipsis.
 */
const SHOWN = /^[ -~\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027]*$/;

let unshown: RegExp | undefined;

/**
 * Characters that a terminal, an editor or a browser obeys instead of showing them: control characters (C0, DEL, C1),
 * format characters such as those that change the direction of text, separators of lines and paragraphs, other
 * characters without a glyph, and halves of surrogate pairs (Unicode Standard Annex #44, General_Category and
 * Default_Ignorable_Code_Point).
 */
function getUnshown(): RegExp {
  // V8 takes longer to parse it than a short command takes to print.
  unshown ??= /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
  return unshown;
}

/** Longer fields are shortened. A command line (at most 2047 bytes) and a sentence around it are shorter. */
const MAX_FIELD_LENGTH = 2400;

/** Longer words are shortened within any field: names out of files, where a sentence has only words. */
const MAX_WORD_LENGTH = 200;

/** An escape has at most 9 characters (`\u{10ffff}`), so that shorter words fit, whatever is in them. */
const LONG_WORDS = /[^ ]{23,}/g;

const LETTERS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes text that comes from outside this program safe to print within a line. A character that is not shown becomes
 * its escape, such as `\n`, `\x1b` or `\u202e`. Of a long text, and of a word of more than 200 characters, the start
 * and the end are kept, and its length takes the place of the rest. Escaped text stays as it is.
 *
 * @param maxLength - of the result, in UTF-16 code units
 */
export function escapeField(text: string, maxLength = MAX_FIELD_LENGTH): string {
  const maxWord = Math.min(MAX_WORD_LENGTH, maxLength);
  return shorten(
    text.replace(LONG_WORDS, (word) => shorten(word, maxWord)),
    maxLength,
  );
}

/** Replaces each character that is not shown. @param replace - takes a character, of one or two code units */
export function escapeUnshown(text: string, replace: (character: string) => string): string {
  return SHOWN.test(text) ? text : text.replace(getUnshown(), replace);
}

function escapeCharacter(character: string): string {
  const letter = LETTERS[character];
  if (letter !== undefined) return letter;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/**
 * Escapes a text. If the result is longer than allowed, keeps three quarters of that at its start, and the end: there a
 * sentence around a long name continues.
 */
function shorten(text: string, maxLength: number): string {
  const whole = text.length <= maxLength ? escapeUnshown(text, escapeCharacter) : undefined;
  if (whole !== undefined && whole.length <= maxLength) return whole;
  const mark = ` … (${countCharacters(text)} characters) … `;
  const endLength = Math.floor(maxLength / 4);
  const startLength = Math.max(0, maxLength - endLength - mark.length);
  const start = [...dropHalfCharacter(text.slice(0, startLength))];
  const end = [...dropHalfCharacter(text.slice(text.length - endLength))].reverse();
  return takeEscaped(start, startLength).join('') + mark + takeEscaped(end, endLength).reverse().join('');
}

/** Escapes characters as long as they fit, so that no escape is cut. */
function takeEscaped(characters: readonly string[], maxLength: number): string[] {
  const taken: string[] = [];
  let length = 0;
  for (const character of characters) {
    const escaped = escapeUnshown(character, escapeCharacter);
    length += escaped.length;
    if (length > maxLength) break;
    taken.push(escaped);
  }
  return taken;
}

/** Code points, not code units. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Drops a half of a surrogate pair that a cut left at the start or end of a text. */
function dropHalfCharacter(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
