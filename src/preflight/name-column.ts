import { measureText } from '../view/text/layout.js';
import { shortenNames } from '../view/text/shorten.js';
import { nameMachines } from './machine-names.js';
import { sanitize } from './wording.js';

/** Spaces between two columns. */
export const GAP = 2;

/** Text in fewer columns than these takes many lines. */
const MIN_TEXT_WIDTH = 32;
/** Names in fewer columns than these would not be recognised. */
const MIN_NAME_WIDTH = 12;
/**
 * The share of a line that names take at most: one long name is shortened, and the others keep what stands beside it.
 */
const NAME_SHARE = 0.3;

/** The first column of a table of machines. */
export interface NameColumn {
  readonly nameWidth: number;
  /** What to print for the files, in their order. */
  readonly names: readonly string[];
  /** Columns that are left beside the names, the taken ones and the text, if negative none. */
  readonly room: number;
}

/**
 * Arranges the names of a fleet's machines: as wide as the longest, if that leaves room for the text that ends a row.
 *
 * @param files - of all machines
 * @param columns - of a line
 * @param taken - columns for what stands between the names and the text, gaps included
 */
export function arrangeNames(files: readonly string[], columns: number, taken: number): NameColumn {
  const names = nameMachines(files).map(sanitize);
  const room = columns - taken - GAP - MIN_TEXT_WIDTH;
  const longest = names.reduce((width, name) => Math.max(width, measureText(name)), 'MACHINE'.length);
  const most = Math.max(Math.min(room, Math.floor(columns * NAME_SHARE)), MIN_NAME_WIDTH);
  const nameWidth = Math.min(longest, most);
  return { nameWidth, names: shortenNames(names, nameWidth), room: room - nameWidth };
}

/**
 * The name of one machine, of which the others are not known, in the columns of a table.
 *
 * @param before - what precedes the name
 */
export function arrangeName(file: string, { nameWidth }: Pick<NameColumn, 'nameWidth'>, before = ''): string {
  const [name = ''] = shortenNames(
    nameMachines([file]).map((short) => `${before}${sanitize(short)}`),
    nameWidth,
  );
  return name;
}
