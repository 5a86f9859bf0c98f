/**
 * Chooses items by their names: for each text the item with this name or, if there is none, those whose names contain it.
 *
 * @param texts - all items if left out
 */
export function chooseNamed<T extends { readonly name: string }>(
  items: readonly T[],
  texts: readonly string[] | undefined,
): readonly T[] {
  if (texts === undefined) return items;
  const chosen = texts.flatMap((text) => {
    const exact = items.filter(({ name }) => name === text);
    return exact.length > 0 ? exact : items.filter(({ name }) => name.includes(text));
  });
  return [...new Set(chosen)];
}
