/**
 * Flattened device trees (the Devicetree Specification, version 17): parse, edit, write.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { encodeString, findNode, parseFdt, setProperty, writeFdt } from 'kexec-file/fdt';
 *
 * const tree = parseFdt(await readFile('board.dtb'));
 * setProperty(findNode(tree.root, '/chosen'), 'bootargs', encodeString('console=ttyAMA0'));
 * const dtb = writeFdt(tree);
 * console.log(parseFdt(dtb).root.children.length === tree.root.children.length);
 * // → true
 * ```
 *
 * @packageDocumentation
 */

export * from '../formats/fdt/edit.js';
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
