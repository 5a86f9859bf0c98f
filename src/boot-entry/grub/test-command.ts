/** Answers of a condition: undefined if only GRUB can decide it. */
export type Answer = boolean | undefined;

/**
 * Evaluates GRUB's command `test`, or `[` without its closing bracket: GNU GRUB manual, "test".
 *
 * @param isFile - whether a file exists; undefined if that is unknown
 * @returns undefined for expressions of other forms, too
 */
export function evaluateTest(words: readonly string[], isFile: (path: string) => Answer): Answer {
  const alternatives = split(words, '-o').map((part) => answerAll(part, isFile));
  if (alternatives.includes(true)) return true;
  return alternatives.includes(undefined) ? undefined : false;
}

function answerAll(words: readonly string[], isFile: (path: string) => Answer): Answer {
  const terms = split(words, '-a').map((part) => answerTerm(part, isFile));
  if (terms.includes(false)) return false;
  return terms.includes(undefined) ? undefined : true;
}

function split(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

function answerTerm(words: readonly string[], isFile: (path: string) => Answer): Answer {
  const [first = '', second = '', third = ''] = words;
  if (words.length === 0) return false;
  if (first === '!') {
    const answer = answerTerm(words.slice(1), isFile);
    return answer === undefined ? undefined : !answer;
  }
  if (words.length === 1) return first !== '';
  if (words.length === 2) {
    if (first === '-n') return second !== '';
    if (first === '-z') return second === '';
    return first === '-f' || first === '-e' || first === '-s' ? isFile(second) : undefined;
  }
  if (words.length > 3) return undefined;
  const compare = COMPARISONS[second];
  return compare?.(first, third);
}

const COMPARISONS: Readonly<Record<string, (a: string, b: string) => Answer>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '-eq': (a, b) => compareNumbers(a, b, (left, right) => left === right),
  '-ne': (a, b) => compareNumbers(a, b, (left, right) => left !== right),
  '-gt': (a, b) => compareNumbers(a, b, (left, right) => left > right),
  '-ge': (a, b) => compareNumbers(a, b, (left, right) => left >= right),
  '-lt': (a, b) => compareNumbers(a, b, (left, right) => left < right),
  '-le': (a, b) => compareNumbers(a, b, (left, right) => left <= right),
};

function compareNumbers(a: string, b: string, compare: (left: number, right: number) => boolean): Answer {
  const isNumber = [a, b].every((text) => /^-?\d{1,15}$/.test(text));
  return isNumber ? compare(Number(a), Number(b)) : undefined;
}
