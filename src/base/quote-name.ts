/** What reads as one name: letters, digits, and characters that join words. At least one letter. */
const PLAIN = /^(?=.*\p{L})[\p{L}\p{M}\p{N}._/()&+@'-]+(?: [\p{L}\p{M}\p{N}._/()&+@'-]+)*$/u;

/**
 * Shows a name from a file within a sentence. It is quoted where a reader could not see that it is a name or where it
 * ends: "26", "vendor, trusted".
 */
export function quoteName(name: string): string {
  return PLAIN.test(name) ? name : JSON.stringify(name);
}
