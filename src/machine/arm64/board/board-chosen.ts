import { deleteProperty, ensureNode, findNode, getProperty } from '../../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../../formats/fdt/tree.js';
import { readString } from '../../../formats/fdt/values.js';
import { UEFI_PROPERTIES } from '../../uefi-properties.js';
import { carryOver, convertReg, putProperty, readAliases } from './board-tree.js';

/** Memory of the last load, which the next load frees if these properties name it. */
const LAST_LOAD = ['linux,initrd-start', 'linux,initrd-end', 'linux,ima-kexec-buffer'];

/**
 * Copies what the firmware chose from /chosen of the running tree (Devicetree Specification v0.4, section 3.6). Without
 * UEFI's properties, the next kernel of a UEFI machine has neither EFI nor ACPI, so they replace those of the board
 * file. The console is copied if the file names none. The load sets the command line and seeds.
 *
 * @returns a sentence for each change
 */
export function mergeChosen(running: Fdt, board: Fdt): string[] {
  const from = findNode(running, '/chosen');
  if (from === undefined) return [];
  const to = ensureNode(board, '/chosen');
  const uefi = carryOver(UEFI_PROPERTIES, from, to);
  return [
    ...(uefi.length === 0
      ? []
      : [`/chosen describes UEFI as the running device tree does: ${uefi.join(', ')}`]),
    ...mergeConsole(from, board, to),
    ...mergeLastLoad(running, from, board, to),
  ];
}

function mergeConsole(from: FdtNode, board: Fdt, to: FdtNode): string[] {
  const value = getProperty(from, 'stdout-path');
  if (value === undefined || getProperty(to, 'stdout-path') !== undefined) return [];
  const text = readString(value);
  const [device = ''] = text.split(':');
  const path = device.startsWith('/') ? device : readAliases(board).get(device);
  if (path === undefined || findNode(board, path) === undefined) {
    return [`stdout-path ${text} of /chosen is left out: the board file has no such device`];
  }
  putProperty(to, 'stdout-path', value);
  return [`stdout-path of /chosen is the running device tree's, ${text}`];
}

function mergeLastLoad(running: Fdt, from: FdtNode, board: Fdt, to: FdtNode): string[] {
  for (const name of LAST_LOAD) deleteProperty(to, name);
  const carried = carryOver(LAST_LOAD, from, to);
  const buffer = getProperty(to, 'linux,ima-kexec-buffer');
  if (buffer !== undefined) {
    putProperty(to, 'linux,ima-kexec-buffer', convertReg(buffer, running.root, board.root));
  }
  return carried.length === 0 ? [] : [`/chosen has ${carried.join(', ')}, whose memory the next load frees`];
}
