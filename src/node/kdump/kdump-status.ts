import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, KexecError } from '../../base/error.js';
import { type DumpEstimate, estimateDump } from '../../crash/dump-estimate.js';
import { type CrashRecord, listChanges } from '../../kdump/crash-record.js';
import { judgeStatus, type KdumpStatus } from '../../kdump/judge-status.js';
import { OTHER_LOAD_UNITS } from '../../kdump/service-units.js';
import { KDUMP_UNIT_LINKS } from '../../machine/kdump-tools.js';
import type { Machine } from '../../machine/machine-value.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';
import { parseSettings, type Settings } from '../../settings/settings.js';
import { parseFilter } from '../../vmcore/save/filter.js';
import { recordLive } from '../collect/record-live.js';
import { readText } from '../files/read-file.js';
import { diagnoseFiles } from '../live/diagnose-files.js';
import { examineDumpFolder } from '../live/dump-target-folder.js';
import { readState } from '../live/system-calls/state.js';
import { readSettings } from '../settings/read-settings.js';
import { findSaveUnit, planCapture } from './capture-plan.js';
import { readCrashRecord } from './crash-record-file.js';
import { digestLayout } from './machine-layout.js';
import { describeWanted } from './reload.js';

/** Reads the status of this machine. @throws KexecError `ENOSYS`, check `live-platform`, if the kernel has no kexec. */
export async function readKdumpStatus(): Promise<KdumpStatus> {
  const state = readState();
  const record = state.crashLoaded ? readCrashRecord() : undefined;
  const settings = attempt(() => readSettings());
  const known = settings instanceof KexecError ? parseSettings('') : settings;
  const machine = attempt(recordLive);
  return judgeStatus({
    state,
    record,
    settings,
    changes: attempt(() => findChanges(known, record, machine)),
    hasSaveUnit: findSaveUnit() !== undefined,
    target: attempt(() => examineDumpFolder(known.kdump.path)),
    estimate: machine instanceof KexecError ? undefined : estimateNow(machine, known.kdump),
    otherUnits: listOtherUnits(),
    findings: await diagnoseFiles({ panic: true }),
  });
}

/** Estimates a dump of this machine. @param machine - as it is now */
export function estimateNow(machine: Machine, { filter }: KdumpSettings): DumpEstimate {
  return estimateDump(machine, readText('/proc/meminfo'), parseFilter(filter) ?? 0);
}

/** Lists other units that load a crash kernel at boot. @param root - a folder in a test */
export function listOtherUnits(root = '/'): string[] {
  const links = KDUMP_UNIT_LINKS.filter((link) => existsSync(join(root, link)));
  return OTHER_LOAD_UNITS.filter((unit) => links.some((link) => link.endsWith(`/${unit}`)));
}

/** Without root, addresses and some files are hidden: nothing is compared then. */
function findChanges(
  settings: Settings,
  record: CrashRecord | undefined,
  machine: Machine | KexecError,
): string[] {
  const plan = planCapture(settings);
  if (record === undefined || process.geteuid?.() !== 0) return [];
  if (machine instanceof KexecError) throw machine;
  return listChanges(record, describeWanted(plan, digestLayout(machine)));
}
