import { findNode, getProperty } from '../../../formats/fdt/edit.js';
import type { Fdt } from '../../../formats/fdt/tree.js';
import { carryOver, putProperty, readAliases } from './board-tree.js';

/** Network devices, as boot loaders find them: by alias. */
const NETWORK_ALIAS = /^(ethernet|wifi|wlan|bluetooth)\d{0,2}$/;

/** Addresses of network devices, which firmware fills in. */
const ADDRESSES = ['local-mac-address', 'mac-address', 'local-bd-address'];

/**
 * Copies what identifies the machine: the `serial-number`, and the addresses of its network devices. Without them the
 * next kernel boots, but invents addresses. Values of the board file are kept, except zeros, which are placeholders.
 *
 * @returns a sentence for each change
 */
export function mergeIdentity(running: Fdt, board: Fdt): string[] {
  const isMissing = getProperty(board.root, 'serial-number') === undefined;
  const carried = isMissing ? carryOver(['serial-number'], running.root, board.root) : [];
  return [
    ...carried.map((name) => `${name} is the running device tree's`),
    ...mergeAddresses(running, board),
  ];
}

function mergeAddresses(running: Fdt, board: Fdt): string[] {
  const notes: string[] = [];
  const aliases = readAliases(board);
  for (const [alias, path] of readAliases(running)) {
    const from = NETWORK_ALIAS.test(alias) ? findNode(running, path) : undefined;
    if (from === undefined) continue;
    const to = findNode(board, aliases.get(alias) ?? path);
    for (const name of ADDRESSES) {
      const value = getProperty(from, name);
      if (value === undefined || isZero(value)) continue;
      if (to === undefined) {
        notes.push(`${name} of ${alias} is left out: the board file has no such device`);
      } else if (isZero(getProperty(to, name) ?? new Uint8Array(0))) {
        putProperty(to, name, value);
        notes.push(`${name} of ${alias} is the running device tree's`);
      }
    }
  }
  return notes;
}

function isZero(value: Uint8Array): boolean {
  return value.every((byte) => byte === 0);
}
