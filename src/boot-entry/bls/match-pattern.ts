/** Longer patterns match nothing: they are no names of files. */
const MAX_PATTERN_LENGTH = 255;

/**
 * Matches the name of an entry with a pattern of loader.conf: `*`, `?` and `[a-z]`, whatever the case of letters, as
 * systemd-boot does. The work is bounded by the product of both lengths.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) return false;
  const steps = splitPattern(pattern.toLowerCase());
  const text = name.toLowerCase();
  // The positions in the text at which the steps so far may end.
  let ends = new Set([0]);
  for (const step of steps) {
    const next = new Set<number>();
    for (const at of ends) {
      if (step === '*') for (let end = at; end <= text.length; end += 1) next.add(end);
      else if (at < text.length && step(text.charAt(at))) next.add(at + 1);
    }
    ends = next;
  }
  return ends.has(text.length);
}

/** A step over one character, or `*`. */
type Step = '*' | ((character: string) => boolean);

function splitPattern(pattern: string): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const end = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') {
      if (steps.at(-1) !== '*') steps.push('*');
    } else if (character === '?') steps.push(() => true);
    else if (end > 0) {
      steps.push(readSet(pattern.slice(at + 1, end)));
      at = end;
    } else {
      const isEscaped = character === '\\' && at + 1 < pattern.length;
      const wanted = isEscaped ? pattern.charAt(at + 1) : character;
      steps.push((found) => found === wanted);
      if (isEscaped) at += 1;
    }
  }
  return steps;
}

function readSet(text: string): (character: string) => boolean {
  const isNegated = /^[!^]/.test(text);
  const members = isNegated ? text.slice(1) : text;
  return (character) => {
    for (let at = 0; at < members.length; at += 1) {
      const isRange = members[at + 1] === '-' && at + 2 < members.length;
      const last = isRange ? members.charAt(at + 2) : members.charAt(at);
      if (character >= members.charAt(at) && character <= last) return !isNegated;
      if (isRange) at += 2;
    }
    return isNegated;
  };
}
