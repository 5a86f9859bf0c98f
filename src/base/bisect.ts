/**
 * Finds the first index for which a predicate holds, by bisection.
 *
 * @param length - the indexes are 0 up to, not including, this
 * @param holds - the predicate: if it holds for an index, it holds for every larger one
 * @returns `length` if the predicate holds for no index
 */
export function findFirstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
