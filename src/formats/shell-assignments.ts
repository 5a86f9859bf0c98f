/** A line that assigns a variable: `NAME=value`, `export NAME=value`. */
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/;

/** A part of a value: quoted in one of two ways, an escaped character, a comment, or any other character. */
const PART = /"((?:[^"\\]|\\.)*)"?|'([^']*)'?|\\(.)|\s#.*$|([^"'\\])/y;

/**
 * Parses assignments as in os-release(5) and /etc/default: a shell's, one on each line, without what a shell would put
 * in the place of variables and commands. Of two assignments of a name, the later counts. Other lines are ignored.
 *
 * @returns the values by name
 */
export function parseAssignments(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = ASSIGNMENT.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, readValue(value.trim()));
  }
  return values;
}

/** Takes quotes and comments off a value. A quote that is not closed ends with the line. */
function readValue(text: string): string {
  let value = '';
  PART.lastIndex = 0;
  for (;;) {
    const part = PART.exec(text);
    if (part === null) return value.trimEnd();
    const [, doubleQuoted, singleQuoted, escaped, plain] = part;
    value += doubleQuoted?.replace(/\\(["$`\\])/g, '$1') ?? singleQuoted ?? escaped ?? plain ?? '';
  }
}
