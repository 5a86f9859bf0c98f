/** A label: the position that its upper edge should have, and its height. */
export interface LabelWish {
  readonly top: number;
  readonly height: number;
}

/** Labels that touch. */
interface Pile {
  readonly first: number;
  readonly count: number;
  readonly height: number;
  /** The sum, over all its labels, of the pile's upper edge that would put that label where it should be. */
  readonly sum: number;
}

/**
 * Places labels below each other, without overlaps, and as close as possible to where they should be: the sum of the
 * squares of the distances is minimal (isotonic regression, by pooling adjacent violators).
 *
 * @param wishes - the uppermost first
 * @returns the upper edge of each label
 */
export function spreadLabels(wishes: readonly LabelWish[]): number[] {
  const piles: Pile[] = [];
  for (const [first, { top, height }] of wishes.entries()) {
    let pile: Pile = { first, count: 1, height, sum: top };
    let above = piles.at(-1);
    while (above !== undefined && topOf(above) + above.height > topOf(pile)) {
      piles.pop();
      pile = joinPiles(above, pile);
      above = piles.at(-1);
    }
    piles.push(pile);
  }
  return piles.flatMap((pile) => {
    let next = topOf(pile);
    return wishes.slice(pile.first, pile.first + pile.count).map(({ height }) => {
      const top = next;
      next += height;
      return top;
    });
  });
}

function topOf({ sum, count }: Pile): number {
  return sum / count;
}

function joinPiles(above: Pile, below: Pile): Pile {
  return {
    first: above.first,
    count: above.count + below.count,
    height: above.height + below.height,
    sum: above.sum + below.sum - below.count * above.height,
  };
}
