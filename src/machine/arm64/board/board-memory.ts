import { refuse } from '../../../base/error.js';
import { formatRange, type Range, subtract, union } from '../../../base/range.js';
import { getProperty } from '../../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../../formats/fdt/tree.js';
import { encodeString } from '../../../formats/fdt/values.js';
import { isMemory } from '../../device-tree.js';
import { findMemory } from '../../device-tree-memory.js';
import type { Machine } from '../../machine-value.js';
import { copyNode, encodeReg } from './board-tree.js';

/**
 * Describes the RAM in the board's tree, as a kernel needs (Devicetree Specification v0.4, section 3.4): by the memory
 * nodes of the running tree; if it has none, because the kernel's EFI stub deletes them in favour of UEFI's memory map,
 * by the machine's memory map.
 *
 * A board file's own RAM is kept if it is the same. Another size is no conflict: the file describes one model of the
 * board, the firmware has seen this very board.
 *
 * @returns a sentence for each change
 * @throws KexecError `EINVAL`, check `board-memory`, if the board file has a bank of RAM where the machine has none.
 */
export function mergeMemory(running: Fdt, board: Fdt, machine: Machine): string[] {
  const own = union(findMemory(board));
  const nodesOfRunning = union(findMemory(running));
  const hasNodes = nodesOfRunning.length > 0;
  const ram = hasNodes ? nodesOfRunning : union(machine.memory);
  if (formatRanges(own) === formatRanges(ram)) {
    return [`the board file's own memory, ${formatRanges(own)}, is the machine's`];
  }
  const outside = new Set(subtract(own, ram).map(formatRange));
  const strange = own.find((bank) => outside.has(formatRange(bank)));
  if (strange !== undefined) {
    refuse(
      'board-memory',
      'EINVAL',
      `the board file has memory at ${formatRange(strange)}, the machine at ${formatRanges(ram)}`,
    );
  }

  const nodes = hasNodes ? copyMemoryNodes(running, board) : [buildMemoryNode(ram, board)];
  board.root.children = [...board.root.children.filter((node) => !isForMemory(node)), ...nodes];
  const source = hasNodes ? "the running device tree's" : "that of the machine's memory map";
  const instead = own.length > 0 ? `, in place of the board file's ${formatRanges(own)}` : '';
  return [`memory is ${source}, ${formatRanges(ram)}${instead}`];
}

function copyMemoryNodes(running: Fdt, board: Fdt): FdtNode[] {
  return running.root.children.filter(isMemory).map((node) => copyNode(node, running.root, board.root));
}

function buildMemoryNode(ram: readonly Range[], board: Fdt): FdtNode {
  return {
    name: `memory@${(ram[0]?.start ?? 0n).toString(16)}`,
    properties: [
      { name: 'device_type', value: encodeString('memory') },
      { name: 'reg', value: encodeReg(ram, board.root) },
    ],
    children: [],
  };
}

/** Memory nodes, and placeholders for them, which have no device_type. */
function isForMemory(node: FdtNode): boolean {
  return isMemory(node) || (/^memory(@|$)/.test(node.name) && getProperty(node, 'device_type') === undefined);
}

function formatRanges(ranges: readonly Range[]): string {
  return ranges.map(formatRange).join(', ');
}
