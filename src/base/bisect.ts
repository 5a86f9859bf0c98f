/**
 * The first index for which something holds, by bisection: it has to hold for all behind it as well.
 *
 * @returns `length` if it holds for none below that
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
