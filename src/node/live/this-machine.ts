import { refuse } from '../../base/error.js';
import type { Range } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import { mergeBoardDeviceTree } from '../../machine/arm64/board-device-tree.js';
import { listCrashRegions } from '../../machine/crash-regions.js';
import type { Machine } from '../../machine/machine-value.js';
import { recordLive } from '../collect/record-live.js';
import { readFile, readText } from '../files/read-file.js';

/** The machine for a load. */
export interface LoadMachine {
  readonly machine: Machine;
  /** The first entries of the trail. */
  readonly notes: readonly TrailEntry[];
}

/**
 * Reads this machine: as it is now or, if a machine file is given, as it was recorded, which must have been on this machine
 * and in this boot. A board's device tree replaces its own, if one is given.
 *
 * @throws KexecError check `live-machine`; the errors of recording, reading and merging.
 */
export async function readThisMachine(files: {
  readonly machine?: string | undefined;
  readonly dtb?: string | undefined;
}): Promise<LoadMachine> {
  const live = recordLive();
  const machine = files.machine === undefined ? live : await readRecordedMachine(files.machine, live);
  if (files.dtb === undefined) return { machine, notes: [] };
  const merged = mergeBoardDeviceTree(machine, readFile(files.dtb));
  return {
    machine: merged.machine,
    notes: merged.notes.map((detail) => ({ check: 'board-merge', verdict: 'note', detail })),
  };
}

/** Reads a machine file. Lockdown, which may have changed since, is the present one. */
async function readRecordedMachine(path: string, live: Machine): Promise<Machine> {
  const { parseMachine } = await import('../../machine/schema.js');
  const recorded = parseMachine(readText(path));
  requireSame(path, recorded, live);
  return { ...recorded, ...(live.lockdown === undefined ? {} : { lockdown: live.lockdown }) };
}

/**
 * Refuses a recorded machine that is not this one. It compares device tree, crash region, page size, and the memory maps if
 * both come from the same source.
 *
 * @throws KexecError `EINVAL`, check `live-machine`.
 */
export function requireSame(path: string, recorded: Machine, live: Machine): void {
  const different = listDifferences(recorded, live);
  if (different.length === 0) return;
  refuse(
    'live-machine',
    'EINVAL',
    `${path} (${recorded.name}) is a machine file of another machine, or of another boot: ` +
      `different from this machine: ${different.join(', ')}`,
  );
}

function listDifferences(recorded: Machine, live: Machine): string[] {
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
