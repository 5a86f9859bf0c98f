import { formatRange } from '../base/range.js';
import { hex } from '../base/u64.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import { parseFdt } from '../formats/fdt/parse.js';
import { type FdtNode, walkNodes } from '../formats/fdt/tree.js';
import { readStrings } from '../formats/fdt/values.js';
import { findMemory } from '../machine/device-tree-memory.js';
import type { Facts } from './facts.js';

/** Inspects a flattened device tree: the board, its memory and reservations, and the properties of /chosen. */
export function inspectDeviceTree(bytes: Uint8Array): Facts {
  const fdt = parseFdt(bytes);
  const { nodes, properties } = countNodes(fdt.root);
  return {
    model: formatValue(getProperty(fdt.root, 'model')),
    compatible: formatValue(getProperty(fdt.root, 'compatible')),
    nodes,
    properties,
    bootCpu: hex(fdt.bootCpu),
    memory: findMemory(fdt).map(formatRange),
    reservations: fdt.reservations.map(({ address, size }) => ({ address: hex(address), size: hex(size) })),
    chosen: Object.fromEntries(
      (findNode(fdt.root, '/chosen')?.properties ?? []).map(({ name, value }) => [name, formatValue(value)]),
    ),
  };
}

function countNodes(root: FdtNode): { nodes: number; properties: number } {
  let nodes = 0;
  let properties = 0;
  for (const node of walkNodes(root)) {
    nodes += 1;
    properties += node.properties.length;
  }
  return { nodes, properties };
}

/** The kernel's command line has at most 2048 bytes, and no other property of /chosen has as many. */
const MAX_VALUE_BYTES = 4096;

/** Formats a property's value as dtc does: quoted texts, cells, or bytes; a long one by its length. */
function formatValue(value: Uint8Array | undefined): string {
  if (value === undefined) return 'absent';
  if (value.length === 0) return 'present, without a value';
  if (value.length > MAX_VALUE_BYTES) return `${value.length} bytes`;
  const texts = readPrintableTexts(value);
  if (texts !== undefined) return texts.map((text) => `"${text}"`).join(', ');
  const unit = value.length % 4 === 0 ? 4 : 1;
  const numbers: string[] = [];
  for (let at = 0; at < value.length; at += unit) {
    const number = value.subarray(at, at + unit).reduce((sum, byte) => sum * 256 + byte, 0);
    numbers.push(unit === 4 ? hex(number) : number.toString(16).padStart(2, '0'));
  }
  return unit === 4 ? `<${numbers.join(' ')}>` : `[${numbers.join(' ')}]`;
}

/** The texts in a value; undefined unless all of them are printable, NUL-terminated and not empty. */
function readPrintableTexts(value: Uint8Array): string[] | undefined {
  const isText = value.every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f)) && value.at(-1) === 0;
  const texts = isText ? readStrings(value) : [];
  return texts.length > 0 && texts.every((text) => text !== '') ? texts : undefined;
}
