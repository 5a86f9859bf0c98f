import { attempt, KexecError } from '../base/error.js';
import { getProperty } from '../formats/fdt/edit.js';
import type { Fdt } from '../formats/fdt/tree.js';
import { readStrings } from '../formats/fdt/values.js';

/** Reads `compatible` and `model` of a board from its device tree; nothing of what is malformed. */
export function readBoardNames({ root }: Fdt): string[] {
  return ['compatible', 'model'].flatMap((name) => {
    const texts = attempt(() => readStrings(getProperty(root, name) ?? new Uint8Array(0)));
    return texts instanceof KexecError ? [] : texts;
  });
}
