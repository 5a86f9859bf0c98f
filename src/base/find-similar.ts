/** Longer differences are no typing mistakes. */
const MAX_DISTANCE = 3;

/** Less of a word in common is chance. */
const MIN_SIMILARITY = 0.4;

/** Longer words are not compared: nobody mistypes them, and the work grows with their length. */
const MAX_LENGTH = 64;

/**
 * Finds the words that a mistyped word may mean: those with the fewest letters changed, left out, inserted or swapped.
 *
 * @returns all that are equally near, in the order of `words`; empty if none is near
 */
export function findSimilar(typed: string, words: Iterable<string>): string[] {
  if (typed.length > MAX_LENGTH) return [];
  let nearest = MAX_DISTANCE;
  let similar: string[] = [];
  for (const word of new Set(words)) {
    const distance = measureDistance(typed, word);
    const length = Math.max(typed.length, word.length);
    if (distance > nearest || length - distance <= MIN_SIMILARITY * length) continue;
    similar = distance < nearest ? [word] : [...similar, word];
    nearest = distance;
  }
  return similar;
}

/**
 * The optimal string alignment distance of two words: a Damerau–Levenshtein distance in which no part changes twice.
 */
function measureDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return Math.max(a.length, b.length);
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}
