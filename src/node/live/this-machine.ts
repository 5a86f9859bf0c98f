import { refuse } from '../../base/error.js';
import type { Range } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import { mergeBoardDeviceTree } from '../../machine/arm64/board-device-tree.js';
import { listCrashRegions } from '../../machine/crash-regions.js';
import type { Machine } from '../../machine/machine-value.js';
import { recordLive } from '../collect/record-live.js';
import { readFile, readText } from '../files/read-file.js';

/** What a load goes by. */
export interface LoadMachine {
  readonly machine: Machine;
  /** What the trail begins with. */
  readonly notes: readonly TrailEntry[];
}

/**
 * The machine that runs: as it is recorded now, or as it was recorded into a file, if that is of this machine and this
 * boot; with the device tree of a board file in place of its own, if one is given.
 *
 * @throws KexecError check `live-machine`; what recording, reading and merging throw.
 */
export async function thisMachine(files: {
  readonly machine?: string | undefined;
  readonly dtb?: string | undefined;
}): Promise<LoadMachine> {
  const live = recordLive();
  const machine = files.machine === undefined ? live : await recordedMachine(files.machine, live);
  if (files.dtb === undefined) return { machine, notes: [] };
  const merged = mergeBoardDeviceTree(machine, readFile(files.dtb));
  return {
    machine: merged.machine,
    notes: merged.notes.map((detail) => ({ check: 'board-merge', verdict: 'note', detail })),
  };
}

/** What was recorded, and the lockdown of now, which may have changed. */
async function recordedMachine(path: string, live: Machine): Promise<Machine> {
  const { parseMachine } = await import('../../machine/schema.js');
  const recorded = parseMachine(readText(path));
  requireSame(path, recorded, live);
  return { ...recorded, ...(live.lockdown === undefined ? {} : { lockdown: live.lockdown }) };
}

/**
 * Refuses a machine that is another than the one that runs: by the device tree that it was booted with, and by its
 * memory, where both were read from the same place.
 *
 * @throws KexecError `EINVAL`, check `live-machine`.
 */
export function requireSame(path: string, recorded: Machine, live: Machine): void {
  const other = differences(recorded, live);
  if (other.length === 0) return;
  refuse(
    'live-machine',
    'EINVAL',
    `${path} (${recorded.name}) is a machine file from another machine, or from another boot: ` +
      `this machine has another ${other.join(', and another ')}`,
  );
}

function differences(recorded: Machine, live: Machine): string[] {
  const hasSameMap = recorded.memorySource !== live.memorySource || sameRanges(recorded.memory, live.memory);
  return [
    ...(Buffer.compare(recorded.arm64.deviceTree, live.arm64.deviceTree) === 0 ? [] : ['device tree']),
    ...(hasSameMap ? [] : ['memory map']),
    ...(sameRanges(listCrashRegions(recorded), listCrashRegions(live)) ? [] : ['crash region']),
    ...(recorded.pageSize === live.pageSize ? [] : ['page size']),
  ];
}

function sameRanges(a: readonly Range[], b: readonly Range[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ start, end }, index) => start === b[index]?.start && end === b[index]?.end)
  );
}
