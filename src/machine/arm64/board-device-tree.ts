import { refuse } from '../../base/error.js';
import { getProperty } from '../../formats/fdt/edit.js';
import { parseFdt } from '../../formats/fdt/parse.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { readStrings } from '../../formats/fdt/values.js';
import type { Arm64Machine } from './arm64-machine.js';
import { mergeChosen } from './board/board-chosen.js';
import { mergeCpus } from './board/board-cpus.js';
import { mergeIdentity } from './board/board-identity.js';
import { mergeMemory } from './board/board-memory.js';
import { mergeReservations } from './board/board-reservations.js';
import { writeMerged } from './board/board-tree.js';
import { findDeviceTreeRange } from './read-device-tree.js';

/** A machine with another device tree, and how that was changed. */
export interface MergedMachine {
  readonly machine: Arm64Machine;
  /** What was merged from the running device tree, and what could not be: a sentence each, without a full stop. */
  readonly notes: readonly string[];
}

/**
 * Replaces the running device tree of a machine by a board's: what `--dtb` does. A board file, as kernels ship them,
 * lacks what the firmware puts into the tree when it boots. So memory, reservations and UEFI's tables are merged from
 * the running tree; how CPUs are brought up, the console, the serial number and network addresses are, if the file
 * lacks them.
 *
 * @param board - a flattened device tree; bytes after its end are ignored
 * @returns the machine, in which only the device tree is another, and the address of the old one is dropped
 * @throws KexecError `EINVAL` if either tree is malformed; check `board-compatible` if the file is for another board;
 * check `board-memory` if it has RAM where the machine has none; check `dtb-value` if the file's cells are too few for
 * the machine's memory.
 */
export function mergeBoardDeviceTree(machine: Arm64Machine, board: Uint8Array): MergedMachine {
  const { deviceTree, deviceTreeAddress, ...cpuFacts } = machine.arm64;
  const running = parseFdt(deviceTree);
  const merged = parseFdt(board);
  const notes = [
    ...checkCompatible(running, merged),
    ...mergeMemory(running, merged, machine),
    ...mergeReservations(running, merged, findDeviceTreeRange(running, machine)),
    ...mergeChosen(running, merged),
    ...mergeCpus(running, merged),
    ...mergeIdentity(running, merged),
  ];
  return { machine: { ...machine, arm64: { deviceTree: writeMerged(merged), ...cpuFacts } }, notes };
}

/**
 * A board file is for a machine if their `compatible` have a name in common: Devicetree Specification v0.4, section
 * 2.3.1. The first name is the board's own: if it differs, a note says so.
 */
function checkCompatible(running: Fdt, board: Fdt): string[] {
  const [machines, files] = [readCompatible(running), readCompatible(board)];
  const shared = files.filter((name) => machines.includes(name));
  if (shared.length === 0) {
    refuse(
      'board-compatible',
      'EINVAL',
      machines.length === 0
        ? 'the running device tree names no board, as where the machine is described by ACPI'
        : `the board file is for ${files.join(', ') || 'no board'}, the machine is ${machines.join(', ')}`,
    );
  }
  if (files[0] === machines[0]) return [];
  return [`the board file is for ${files[0]}, the machine is ${machines[0]}: both are ${shared.join(', ')}`];
}

function readCompatible({ root }: Fdt): string[] {
  return readStrings(getProperty(root, 'compatible') ?? new Uint8Array(0));
}
