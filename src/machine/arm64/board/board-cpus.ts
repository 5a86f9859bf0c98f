import { hex } from '../../../base/u64.js';
import { readAddressCells } from '../../../formats/fdt/cells.js';
import { findNode, getProperty } from '../../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../../formats/fdt/tree.js';
import { readCells, readStrings } from '../../../formats/fdt/values.js';
import { carryOver, copyNode } from './board-tree.js';

/**
 * Copies how the firmware brings CPUs up: the `psci` node, and each CPU's `enable-method` and `cpu-release-addr`
 * (booting.rst, section 4). The `reg` identifies a CPU.
 *
 * @returns a sentence for each change
 */
export function mergeCpus(running: Fdt, board: Fdt): string[] {
  return [...mergePsci(running, board), ...mergeEnableMethods(running, board)];
}

function mergePsci(running: Fdt, board: Fdt): string[] {
  const psci = running.root.children.find(isPsci);
  if (psci === undefined || board.root.children.some(isPsci)) return [];
  board.root.children.push(copyNode(psci, running.root, board.root));
  return [`/${psci.name} is the running device tree's`];
}

function mergeEnableMethods(running: Fdt, board: Fdt): string[] {
  const from = findCpus(running);
  const to = findCpus(board);
  const notes: string[] = [];
  for (const [id, cpu] of to) {
    const runningCpu = from.get(id);
    if (runningCpu === undefined) {
      notes.push(`the board file has a CPU ${hex(id)}, which the running device tree lacks`);
      continue;
    }
    const carried = carryOver(['enable-method', 'cpu-release-addr'], runningCpu, cpu);
    if (carried.length > 0) {
      notes.push(`CPU ${hex(id)} has the running device tree's ${carried.join(' and ')}`);
    }
  }
  for (const id of from.keys()) {
    if (!to.has(id)) notes.push(`the board file lacks CPU ${hex(id)}: the next kernel does without it`);
  }
  return notes;
}

function findCpus(fdt: Fdt): Map<bigint, FdtNode> {
  const cpus = new Map<bigint, FdtNode>();
  const parent = findNode(fdt, '/cpus');
  if (parent === undefined) return cpus;
  const cells = readAddressCells(parent);
  for (const node of parent.children) {
    const reg = getProperty(node, 'reg');
    if (node.name.startsWith('cpu@') && reg !== undefined) cpus.set(readCells(reg, cells), node);
  }
  return cpus;
}

function isPsci(node: FdtNode): boolean {
  const compatible = getProperty(node, 'compatible');
  return compatible !== undefined && readStrings(compatible).some((name) => name.startsWith('arm,psci'));
}
