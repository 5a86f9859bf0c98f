/**
 * Flattened device trees (the Devicetree Specification, version 17): parse, edit, write.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { encodeString, ensureNode, findNode, getProperty, parseFdt, readString, setProperty, writeFdt } from 'kexec-file/fdt';
 *
 * const tree = parseFdt(await readFile('board.dtb'));
 * setProperty(tree, ensureNode(tree, '/chosen'), 'bootargs', encodeString('console=ttyAMA0'));
 * const chosen = findNode(parseFdt(writeFdt(tree)), '/chosen');
 * console.log(readString(getProperty(chosen, 'bootargs')));
 * // → console=ttyAMA0
 * ```
 *
 * @packageDocumentation
 */

export {
  type ChangeKind,
  compareTrees,
  type PropertyChange,
  type ReservationChange,
  type TreeChanges,
} from '../formats/fdt/compare.js';
export * from '../formats/fdt/edit.js';
export { formatValue } from '../formats/fdt/format-value.js';
export { parseFdt } from '../formats/fdt/parse.js';
export {
  createFdt,
  type Fdt,
  type FdtNode,
  type FdtProperty,
  type FdtReservation,
} from '../formats/fdt/tree.js';
export * from '../formats/fdt/values.js';
export { writeFdt } from '../formats/fdt/write.js';
