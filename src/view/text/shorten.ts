/** Shortens names to the width of their column. */
import { measureText } from './layout.js';

const MARK = '…';

/** The share of the columns that the beginning of a name gets. The first that keeps names apart is taken. */
const SHARES = [0.5, 0.25, 0.75, 0, 1];

/**
 * Shortens the names that are wider than a column, so that they stay apart wherever one mark in each allows that.
 *
 * @param columns - at least 2
 */
export function shortenNames(names: readonly string[], columns: number): string[] {
  const shortened = names.map((name) => shortenName(name, columns));
  for (const group of listEqual(shortened)) {
    const originals = group.map((index) => names[index] as string);
    const wanted = new Set(originals).size;
    const choices = SHARES.map((share) => originals.map((name) => shortenName(name, columns, share)));
    const apart = choices.find((choice) => new Set(choice).size === wanted);
    for (const [at, index] of group.entries()) shortened[index] = apart?.[at] ?? (shortened[index] as string);
  }
  return shortened;
}

/** Shortens a name. @param share - of the columns, for its beginning: from 0 to 1 */
export function shortenName(name: string, columns: number, share = 0.5): string {
  if (measureText(name) <= columns) return name;
  const room = columns - measureText(MARK);
  const characters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  const start = takeColumns(characters, Math.ceil(room * share));
  const end = takeColumns(characters.toReversed(), room - measureText(start.join('')));
  return [...start, MARK, ...end.toReversed()].join('');
}

/** The first of the characters, as many as fit. */
function takeColumns(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += measureText(character);
    return width > columns;
  });
  return characters.slice(0, end < 0 ? characters.length : end);
}

/** Groups of several indexes at which the texts are equal. */
function listEqual(texts: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [index, text] of texts.entries()) {
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [index]);
    else group.push(index);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
