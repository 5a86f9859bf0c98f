import { refuse } from '../../base/error.js';
import { type Range, subtract } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import { findMachineArchitecture, hasBootTree } from '../../machine/architectures.js';
import { mergeBoardDeviceTree } from '../../machine/arm64/board-device-tree.js';
import { listCaptureMemory } from '../../machine/crash-regions.js';
import { listRam } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { recordLive } from '../collect/record-live.js';
import { readFile } from '../files/read-file.js';

/** The machine for a load. */
export interface LoadMachine {
  readonly machine: Machine;
  /** The first entries of the trail. */
  readonly notes: readonly TrailEntry[];
}

/**
 * Reads this machine: as it is now or, if a machine file is given, with the memory map that was recorded, which must
 * have been on this machine and in this boot. A board's device tree replaces its own, if one is given.
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
  if (!hasBootTree(machine))
    refuse('board-compatible', 'EINVAL', `this machine, ${machine.name}, was not booted with a device tree`);
  const merged = mergeBoardDeviceTree(machine, readFile(files.dtb));
  return {
    machine: merged.machine,
    notes: merged.notes.map((detail) => ({ check: 'board-merge', verdict: 'note', detail })),
  };
}

async function readRecordedMachine(path: string, live: Machine): Promise<Machine> {
  const { readMachineFile } = await import('../collect/machine-file.js');
  const recorded = readMachineFile(path);
  requireSame(path, recorded, live);
  return useRecordedMap(recorded, live);
}

/**
 * This machine with the memory map of a machine file, and with its crash facts if this machine's own cannot be read. A
 * machine file is data that anybody may have written: what decides about trust (keys, blacklists, the kernel's
 * configuration, its limits, lockdown) is never taken from it.
 */
export function useRecordedMap(recorded: Machine, live: Machine): Machine {
  const { driverManaged: _, ...facts } = live;
  const { name, memorySource, memory, reserved, driverManaged } = recorded;
  const crash = live.crash ?? recorded.crash;
  const machine: Machine = {
    ...facts,
    ...{ name, memorySource, memory, reserved },
    ...(driverManaged === undefined ? {} : { driverManaged }),
    ...(crash === undefined ? {} : { crash }),
  };
  if (machine.architecture !== recorded.architecture) return machine;
  return findMachineArchitecture(machine).adoptPlaces(machine, recorded) as Machine;
}

/**
 * Refuses a recorded machine that is not this one. It compares device tree, crash region, page size, and the memory
 * maps: they are equal if both come from the same source; in any case the file has no RAM that this machine has not.
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
  const hasSameMap =
    recorded.memorySource === live.memorySource
      ? sameRanges(listRam(recorded), listRam(live))
      : live.memorySource === 'device-tree' || subtract(recorded.memory, live.memory).length === 0;
  return [
    ...(recorded.architecture === live.architecture ? [] : ['architecture']),
    ...(Buffer.compare(findDeviceTree(recorded), findDeviceTree(live)) === 0 ? [] : ['device tree']),
    ...(hasSameMap ? [] : ['memory map']),
    ...(sameRanges(listCaptureMemory(recorded), listCaptureMemory(live)) ? [] : ['crash region']),
    ...(recorded.pageSize === live.pageSize ? [] : ['page size']),
  ];
}

/** The device tree of a machine; empty if its architecture boots without one. */
function findDeviceTree(machine: Machine): Uint8Array {
  return findMachineArchitecture(machine).getBootTreeBytes(machine) ?? new Uint8Array(0);
}

function sameRanges(a: readonly Range[], b: readonly Range[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ start, end }, index) => start === b[index]?.start && end === b[index]?.end)
  );
}
