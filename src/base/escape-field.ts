/**
 * Characters that a terminal, an editor or a browser obeys instead of showing them: control characters (C0, DEL, C1),
 * format characters such as those that change the direction of text, separators of lines and paragraphs, other
 * characters without a glyph, and halves of surrogate pairs (Unicode Standard Annex #44, General_Category and
 * Default_Ignorable_Code_Point).
 */
const UNSHOWN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

/** Longer fields are cut in the middle. A command line (at most 2047 bytes) and a sentence around it are shorter. */
const MAX_FIELD_LENGTH = 4096;

const LETTERS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes text that comes from outside this program safe to print within a line. A character that is not shown becomes
 * its escape, such as `\n`, `\x1b` or `\u202e`; long text is cut in the middle. Escaped text stays as it is.
 *
 * @param maxLength - of the result, in UTF-16 code units
 */
export function escapeField(text: string, maxLength = MAX_FIELD_LENGTH): string {
  // First cut, so that work is bounded; cut again, because escapes are longer.
  return cutMiddle(escapeUnshown(cutMiddle(text, maxLength), escapeCharacter), maxLength);
}

/** Replaces each character that is not shown. @param replace - takes a character, of one or two code units */
export function escapeUnshown(text: string, replace: (character: string) => string): string {
  return text.replace(UNSHOWN, replace);
}

function escapeCharacter(character: string): string {
  const letter = LETTERS[character];
  if (letter !== undefined) return letter;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

/** Keeps three quarters of a long text, and its end: there a sentence around a long name continues. */
function cutMiddle(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const mark = ` … (${text.length - maxLength} more) … `;
  const endLength = Math.floor(maxLength / 4);
  const start = text.slice(0, Math.max(0, maxLength - endLength - mark.length));
  return dropHalfCharacter(start) + mark + dropHalfCharacter(text.slice(text.length - endLength));
}

/** Drops a half of a surrogate pair that a cut left at the start or end of a text. */
function dropHalfCharacter(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}
