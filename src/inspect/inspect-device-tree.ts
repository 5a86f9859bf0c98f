import { formatRange } from '../base/range.js';
import { hex } from '../base/u64.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import { formatValue } from '../formats/fdt/format-value.js';
import { parseFdt } from '../formats/fdt/parse.js';
import { type FdtNode, walkNodes } from '../formats/fdt/tree.js';
import { findMemory } from '../machine/device-tree-memory.js';
import type { Facts } from './facts.js';

/** Inspects a flattened device tree: the board, its memory and reservations, and the properties of /chosen. */
export function inspectDeviceTree(bytes: Uint8Array): Facts {
  const fdt = parseFdt(bytes);
  const { nodes, properties } = countNodes(fdt.root);
  return {
    model: describeValue(getProperty(fdt.root, 'model')),
    compatible: describeValue(getProperty(fdt.root, 'compatible')),
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

function describeValue(value: Uint8Array | undefined): string {
  return value === undefined ? 'absent' : formatValue(value);
}
