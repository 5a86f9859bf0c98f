/** Something of a height that wants to have its upper edge at a place. */
export interface Wish {
  readonly top: number;
  readonly height: number;
}

/** Things that stand right below each other. */
interface Pile {
  readonly first: number;
  readonly count: number;
  readonly height: number;
  /** The sum, over all in the pile, of where the pile would begin if it went by that one's wish alone. */
  readonly sum: number;
}

/**
 * Puts things below each other without overlaps, each as near as can be to where it wants to stand: the sum of the
 * squares of the distances is the least there is (isotonic regression, by pooling adjacent violators).
 *
 * @param wishes the uppermost first.
 * @returns the upper edge that each is given.
 */
export function spreadLabels(wishes: readonly Wish[]): number[] {
  const piles: Pile[] = [];
  for (const [first, { top, height }] of wishes.entries()) {
    let pile: Pile = { first, count: 1, height, sum: top };
    let above = piles.at(-1);
    while (above !== undefined && topOf(above) + above.height > topOf(pile)) {
      piles.pop();
      pile = joined(above, pile);
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

function joined(above: Pile, below: Pile): Pile {
  return {
    first: above.first,
    count: above.count + below.count,
    height: above.height + below.height,
    sum: above.sum + below.sum - below.count * above.height,
  };
}
