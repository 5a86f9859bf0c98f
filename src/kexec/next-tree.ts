import { attempt, KexecError } from '../base/error.js';
import { parseFdt } from '../formats/fdt/parse.js';
import type { Fdt } from '../formats/fdt/tree.js';
import type { Kimage } from './kimage.js';

/** The device tree that the next kernel gets; undefined if the kimage has none, or one that is malformed. */
export function readNextTree({ segments }: Pick<Kimage, 'segments'>): Fdt | undefined {
  const dtb = segments.find(({ name }) => name === 'dtb');
  if (dtb === undefined) return undefined;
  const tree = attempt(() => parseFdt(dtb.bytes));
  return tree instanceof KexecError ? undefined : tree;
}
