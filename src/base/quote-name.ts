/** What reads as one name: letters, digits, and characters that join words. At least one letter. */
const PLAIN_ASCII = /^(?=.*[A-Za-z])[\w./()&+@'-]+(?: [\w./()&+@'-]+)*$/;

/** The same, with letters and digits of any script. V8 takes long to parse it, so that it is built when needed. */
function isPlain(name: string): boolean {
  return /^(?=.*\p{L})[\p{L}\p{M}\p{N}._/()&+@'-]+(?: [\p{L}\p{M}\p{N}._/()&+@'-]+)*$/u.test(name);
}

/**
 * Shows a name from a file within a sentence. It is quoted where a reader could not see that it is a name or where it
 * ends: "26", "vendor, trusted".
 */
export function quoteName(name: string): string {
  const isName = PLAIN_ASCII.test(name) || isPlain(name);
  return isName && closesBrackets(name) ? name : JSON.stringify(name);
}

/** A name such as `Evil) loads (x` would end the brackets around it. */
function closesBrackets(name: string): boolean {
  let depth = 0;
  for (const character of name) {
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
